# `make demo` and `make test` require only a Swift toolchain: they install missing packages and print their names.

SWIFT ?= swift
DOCUMENTED := HTTPSemantics RedisTransport HTTPPipeline KeyConstructor ETag ResponseCompression CacheMiddleware EntrySealing \
	ResponseCacheRedis PipelineSettings HummingbirdPipeline FlyingFoxPipeline PipelineTesting
# The tests need more than the default traits, which the demo uses to avoid building unused dependencies.
TESTED_TRAITS := default,Crypto,RedisTLS,FlyingFox
FORMATTED := Package.swift Sources Tests Examples Benchmarks/Package.swift Benchmarks/Benchmarks Benchmarks/Sources Fuzz/Package.swift Fuzz/Sources

.PHONY: help demo tour cluster-demo test growth lint format bench bench-build callgrind conformance clients fuzz thread-sanitizer libraries docs clean setup

help:
	@echo "make demo         build and start the cities API, demonstrate it with curl, and run it until Ctrl-C"
	@echo "make tour         the same, then stop; exits with 0 if every step succeeds"
	@echo "make cluster-demo start a redis-server and two instances of the API, and demonstrate their shared cache"
	@echo "make test         run the tests"
	@echo "make growth       measure with valgrind how the work for a request grows with its size"
	@echo "make lint         check the format of the sources and the code in the documentation"
	@echo "make format       format the sources"
	@echo "make bench        run the benchmarks"
	@echo "make bench-build  build the benchmark programs"
	@echo "make callgrind    count the instructions of the hot paths with valgrind and compare them with the recorded counts"
	@echo "make conformance  run the vectors recorded from drf-extensions (DRF_VECTORS=folder for others)"
	@echo "make clients      test the cities API with real clients (curl, wget, Python, Node, Chromium)"
	@echo "make fuzz         fuzz the parsers with libFuzzer for a minute (FUZZ_SECONDS=n)"
	@echo "make thread-sanitizer  run the tests under the thread sanitizer"
	@echo "make libraries    build every library without traits"
	@echo "make docs         build the documentation into .docs/"
	@echo "make setup        install missing system packages"
	@echo "make clean        remove build products"

setup:
	@Scripts/install-system-packages.sh

demo: setup
	$(SWIFT) build -c release --product cities
	@Scripts/tour.sh --keep-running

tour: setup
	$(SWIFT) build -c release --product cities
	@Scripts/tour.sh

cluster-demo: setup
	$(SWIFT) build -c release --product cities
	@Scripts/cluster-demo.sh

test: setup
	$(SWIFT) test --traits $(TESTED_TRAITS)

growth: setup
	@Scripts/install-system-packages.sh valgrind
	@TESTED_TRAITS=$(TESTED_TRAITS) Scripts/request-growth.sh

lint:
	@Scripts/check-documentation.sh
	$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)

format:
	$(SWIFT) format format --in-place --parallel --recursive $(FORMATTED)

bench: setup
	cd Benchmarks && $(SWIFT) package --allow-writing-to-package-directory benchmark

callgrind: setup
	@Scripts/install-system-packages.sh valgrind
	@Scripts/callgrind.sh

bench-build: setup
	$(SWIFT) build -c release --package-path Benchmarks

thread-sanitizer: setup
	@TESTED_TRAITS=$(TESTED_TRAITS) Scripts/thread-sanitizer.sh

conformance: setup
	$(SWIFT) test --traits $(TESTED_TRAITS) --filter Conformance

clients: setup
	$(SWIFT) build -c release --product cities
	@INSTALL_CLIENTS=1 Scripts/real-clients.sh

fuzz:
	@Scripts/fuzz.sh

libraries: setup
	@for target in $(filter-out PipelineTesting,$(DOCUMENTED)); do \
		$(SWIFT) build --disable-default-traits --scratch-path .build-traits --target $$target || exit 1; \
	done

docs: setup
	@mkdir -p .docs
	@for target in $(DOCUMENTED); do \
		RESPONSE_CACHE_DOCS=1 $(SWIFT) package --traits $(TESTED_TRAITS) --allow-writing-to-directory .docs generate-documentation \
			--target $$target --output-path .docs/$$target --warnings-as-errors || exit 1; \
	done

clean:
	rm -rf .build .build-* Benchmarks/.build Fuzz/.build .docs cities.sqlite*
