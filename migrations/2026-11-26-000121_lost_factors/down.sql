DROP TABLE lost_factors;
