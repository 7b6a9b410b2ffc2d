"""What the project depends on: locks, hashes, licences, known advisories (`make audit`)."""
