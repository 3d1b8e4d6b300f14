"""The database: engine, transactions, column types, statements, pages of rows."""
