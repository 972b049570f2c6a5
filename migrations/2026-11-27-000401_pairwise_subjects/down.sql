DROP TABLE kept_keys;
ALTER TABLE grants DROP COLUMN pairwise_sub;
