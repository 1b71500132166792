# `make demo` and `make test` require only a Swift toolchain: they install missing packages and print their names.

SWIFT ?= swift
# SwiftPM passes traits to the compiler in the order of a set, and compiles the package again if that order has changed.
# A fixed seed keeps the order. Tests and servers run without it.
BUILD := SWIFT_DETERMINISTIC_HASHING=1 $(SWIFT) build
# The example. With DATABASE=postgres, the commands that start it use a PostgreSQL server of their own.
comma := ,
CITIES = -c release --product cities $(if $(filter postgres,$(DATABASE)),--traits default$(comma)PostgreSQL)
# For the trait PostgreSQL.
POSTGRESQL := libpq-dev postgresql
# All tests at once would share two threads on a small machine, and tests with timeouts of real servers would wait too long for their turn.
TESTS_AT_ONCE := --experimental-maximum-parallelization-width 8
# Each one after those that its pages link to.
DOCUMENTED := HTTPSemantics HTTPPipeline KeyConstructor ETag ResponseCompression CacheMiddleware EntrySealing Repositories \
	RepositoriesSQLite Resources BulkOperations BulkOperationsSQLite PostgreSQLTransport RepositoriesPostgreSQL BulkOperationsPostgreSQL \
	RedisTransport ResponseCacheRedis PipelineSettings HummingbirdPipeline FlyingFoxPipeline PipelineTesting ResponseCache
FORMATTED := Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Benchmarks Benchmarks/Sources Fuzz/Package.swift Fuzz/Sources

.PHONY: help demo tour cluster-demo bulk-demo test growth lint format bench bench-build callgrind conformance clients openapi fuzz thread-sanitizer libraries docs clean setup

help:
	@echo "make demo         build and start the cities API, demonstrate it with curl, and run it until Ctrl-C"
	@echo "make tour         the same, then stop; exits with 0 if every step succeeds"
	@echo "make cluster-demo start PostgreSQL, a redis-server, two servers and two workers, and crash most of them during an import"
	@echo "make bulk-demo    import a file of cities, kill the server half way, and finish the import (BULK_FILE=file for another)"
	@echo "                  demo, tour and bulk-demo have DATABASE=postgres for a PostgreSQL server in place of SQLite"
	@echo "make test         run the tests"
	@echo "make growth       measure with valgrind how the work for a request grows with its size"
	@echo "make lint         check the format of the sources and the code in the documentation"
	@echo "make format       format the sources"
	@echo "make bench        run the benchmarks"
	@echo "make bench-build  build the benchmark programs"
	@echo "make callgrind    count the instructions of the hot paths with valgrind and compare them with the recorded counts"
	@echo "make conformance  run the vectors recorded from drf-extensions (DRF_VECTORS=folder for others)"
	@echo "make clients      test the cities API with real clients (curl, wget, Python, Node, Chromium)"
	@echo "make openapi      validate the OpenAPI document of the cities API, and compare responses with it through schemathesis"
	@echo "make fuzz         fuzz the parsers with libFuzzer for a minute (FUZZ_SECONDS=n)"
	@echo "make thread-sanitizer  run the tests under the thread sanitizer"
	@echo "make libraries    build every library without traits"
	@echo "make docs         build one site with the documentation of all modules in .docs/"
	@echo "make setup        install missing system packages"
	@echo "make clean        remove build products"

setup:
	@Scripts/install-system-packages.sh $(if $(filter postgres,$(DATABASE)),$(POSTGRESQL))

demo: setup
	$(BUILD) $(CITIES)
	@Scripts/tour.sh --keep-running

tour: setup
	$(BUILD) $(CITIES)
	@Scripts/tour.sh

cluster-demo: DATABASE ?= postgres
cluster-demo: setup
	$(BUILD) $(CITIES)
	@Scripts/cluster-demo.sh

bulk-demo: setup
	$(BUILD) $(CITIES)
	@Scripts/bulk-demo.sh $(BULK_FILE)

test: setup
	@Scripts/install-system-packages.sh $(POSTGRESQL)
	$(BUILD) --build-tests --enable-all-traits
	$(SWIFT) test --skip-build --enable-all-traits $(TESTS_AT_ONCE)

growth: setup
	@Scripts/install-system-packages.sh valgrind
	@Scripts/request-growth.sh

lint:
	@Scripts/check-documentation.sh
	$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)

format:
	$(SWIFT) format format --in-place --parallel --recursive $(FORMATTED)

bench: setup
	cd Benchmarks && $(SWIFT) package --allow-writing-to-package-directory benchmark

callgrind: setup
	@Scripts/install-system-packages.sh valgrind $(POSTGRESQL)
	@Scripts/callgrind.sh

bench-build: setup
	@Scripts/install-system-packages.sh $(POSTGRESQL)
	$(BUILD) -c release --package-path Benchmarks

thread-sanitizer: setup
	@Scripts/install-system-packages.sh $(POSTGRESQL)
	@Scripts/thread-sanitizer.sh

conformance: setup
	@Scripts/install-system-packages.sh $(POSTGRESQL)
	$(BUILD) --build-tests --enable-all-traits
	$(SWIFT) test --skip-build --enable-all-traits --filter Conformance

clients: setup
	$(BUILD) $(CITIES)
	@INSTALL_CLIENTS=1 Scripts/real-clients.sh

# The second server has the traits of the tests, whose build has it.
openapi: setup
	@Scripts/install-system-packages.sh $(POSTGRESQL)
	$(BUILD) $(CITIES)
	@Scripts/openapi.sh cities
	$(BUILD) --product ResourceServer --enable-all-traits
	@Scripts/openapi.sh books

fuzz:
	@Scripts/fuzz.sh

libraries: setup
	@for target in $(filter-out PipelineTesting,$(DOCUMENTED)); do \
		$(BUILD) --disable-default-traits --scratch-path .build-traits --target $$target || exit 1; \
	done

docs: setup
	@Scripts/install-system-packages.sh $(POSTGRESQL)
	@Scripts/documentation.sh .docs $(DOCUMENTED)

clean:
	rm -rf .build .build-* Benchmarks/.build Fuzz/.build .docs cities.sqlite*
