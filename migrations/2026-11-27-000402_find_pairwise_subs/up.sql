-- Whose account an application means that knows people by pairwise subs.
CREATE INDEX grants_pairwise_sub ON grants (pairwise_sub) WHERE pairwise_sub IS NOT NULL;
