DROP INDEX grants_pairwise_sub;
