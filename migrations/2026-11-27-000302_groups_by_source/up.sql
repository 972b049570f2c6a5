-- The groups that a person has through upstream providers, apart from those that the operator gave (`group_names`), so that a
-- membership that ends there ends here. An older program does not read them, and leaves them as they are.
ALTER TABLE users ADD COLUMN upstream_groups TEXT NOT NULL DEFAULT '[]'; -- JSON: [{"identity": its id, "provider": its name, "names": […]}, …]
