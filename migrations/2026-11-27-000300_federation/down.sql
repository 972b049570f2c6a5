DROP TABLE upstream_flows;
DROP TABLE identities;
