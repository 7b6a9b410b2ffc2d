"""Several of each of the operator's processes on one database, and one of each killed while jobs run (`make scale`)."""
