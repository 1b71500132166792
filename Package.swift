// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "swift-response-cache",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "ResponseCache", targets: ["ResponseCache"]),
        .library(name: "HTTPSemantics", targets: ["HTTPSemantics"]),
        .library(name: "HTTPPipeline", targets: ["HTTPPipeline"]),
        .library(name: "KeyConstructor", targets: ["KeyConstructor"]),
        .library(name: "ETag", targets: ["ETag"]),
        .library(name: "ResponseCompression", targets: ["ResponseCompression"]),
        .library(name: "CacheMiddleware", targets: ["CacheMiddleware"]),
        .library(name: "EntrySealing", targets: ["EntrySealing"]),
        .library(name: "Resources", targets: ["Resources"]),
        .library(name: "BulkOperations", targets: ["BulkOperations"]),
        .library(name: "BulkOperationsSQLite", targets: ["BulkOperationsSQLite"]),
        .library(name: "Repositories", targets: ["Repositories"]),
        .library(name: "RepositoriesSQLite", targets: ["RepositoriesSQLite"]),
        .library(name: "RedisTransport", targets: ["RedisTransport"]),
        .library(name: "ResponseCacheRedis", targets: ["ResponseCacheRedis"]),
        .library(name: "PostgreSQLTransport", targets: ["PostgreSQLTransport"]),
        .library(name: "RepositoriesPostgreSQL", targets: ["RepositoriesPostgreSQL"]),
        .library(name: "BulkOperationsPostgreSQL", targets: ["BulkOperationsPostgreSQL"]),
        .library(name: "PipelineSettings", targets: ["PipelineSettings"]),
        .library(name: "HummingbirdPipeline", targets: ["HummingbirdPipeline"]),
        .library(name: "FlyingFoxPipeline", targets: ["FlyingFoxPipeline"]),
        .library(name: "PipelineTesting", targets: ["PipelineTesting"]),
        .executable(name: "cities", targets: ["Cities"]),
    ],
    traits: [
        .trait(name: "Hummingbird", description: "The adapter for Hummingbird (HummingbirdPipeline)."),
        .trait(name: "FlyingFox", description: "The adapter for FlyingFox (FlyingFoxPipeline)."),
        .trait(name: "Crypto", description: "Seals for entries in shared stores (EntrySealing), through swift-crypto."),
        .trait(
            name: "GRDB", description: "SQLite through GRDB (RepositoriesSQLite, BulkOperationsSQLite, and Cities)."),
        .trait(
            name: "PostgreSQL",
            description:
                "PostgreSQL through libpq (PostgreSQLTransport, RepositoriesPostgreSQL, BulkOperationsPostgreSQL)."),
        .trait(name: "RedisTLS", description: "TLS to Redis (rediss://), through swift-nio-ssl."),
        .default(enabledTraits: ["Hummingbird", "GRDB"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["JSON"]),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-structured-headers.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swhitty/FlyingFox.git", from: "0.27.1"),
    ],
    targets: [
        .target(
            name: "HTTPSemantics",
            dependencies: [.product(name: "HTTPTypes", package: "swift-http-types")]
        ),
        // Shared by targets of every layer; no product has it.
        .target(name: "ConcurrencySupport", dependencies: [.product(name: "NIOCore", package: "swift-nio")]),
        .target(
            name: "HTTPPipeline",
            dependencies: [
                "HTTPSemantics",
                "ConcurrencySupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "KeyConstructor",
            dependencies: [
                "HTTPPipeline",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "ETag",
            dependencies: [
                "ConcurrencySupport",
                "HTTPSemantics",
                "HTTPPipeline",
                "KeyConstructor",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(
            name: "ResponseCompression",
            dependencies: [
                "HTTPPipeline",
                "ETag",
                "CZlib",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "CacheMiddleware",
            dependencies: [
                "ConcurrencySupport",
                "HTTPPipeline",
                "KeyConstructor",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .target(
            name: "EntrySealing",
            dependencies: [
                "CacheMiddleware",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Crypto", package: "swift-crypto", condition: .when(traits: ["Crypto"])),
            ]
        ),
        .target(
            name: "Repositories",
            dependencies: [
                "HTTPPipeline", "HTTPSemantics", "KeyConstructor", .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "RepositoriesSQLite",
            dependencies: [
                "Repositories",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "GRDBSQLite", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
            ]
        ),
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .target(
            name: "RedisTransport",
            dependencies: [
                "HTTPSemantics",
                "ConcurrencySupport",
                "CHiredis",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["RedisTLS"])),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "ResponseCacheRedis",
            dependencies: [
                "ConcurrencySupport",
                "RedisTransport",
                "HTTPPipeline",
                "KeyConstructor",
                "CacheMiddleware",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .systemLibrary(name: "CPostgreSQL", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .target(
            name: "PostgreSQLTransport",
            dependencies: [
                "ConcurrencySupport",
                .target(name: "CPostgreSQL", condition: .when(traits: ["PostgreSQL"])),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .target(
            name: "RepositoriesPostgreSQL",
            dependencies: [
                "HTTPPipeline",
                "HTTPSemantics",
                "KeyConstructor",
                "PostgreSQLTransport",
                "Repositories",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "BulkOperationsPostgreSQL",
            dependencies: [
                "BulkOperations",
                "HTTPPipeline",
                "HTTPSemantics",
                "PostgreSQLTransport",
                "Repositories",
                "RepositoriesPostgreSQL",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "PipelineSettings",
            dependencies: [
                "HTTPPipeline",
                "KeyConstructor",
                "ETag",
                "CacheMiddleware",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]
        ),
        .target(
            name: "HummingbirdPipeline",
            dependencies: [
                "HTTPPipeline",
                "HTTPSemantics",
                "CacheMiddleware",
                "Resources",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(
                    name: "NIOHTTPTypes", package: "swift-nio-extras", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HummingbirdCore", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(
                    name: "Hummingbird",
                    package: "hummingbird",
                    condition: .when(traits: ["Hummingbird"])
                ),
            ]
        ),
        .target(
            name: "Resources",
            dependencies: [
                "HTTPSemantics",
                "HTTPPipeline",
                "KeyConstructor",
                "ETag",
                "CacheMiddleware",
                "Repositories",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "BulkOperations",
            dependencies: [
                "ConcurrencySupport",
                "HTTPSemantics",
                "HTTPPipeline",
                "KeyConstructor",
                "Repositories",
                "Resources",
                "CZlib",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .target(
            name: "BulkOperationsSQLite",
            dependencies: [
                "BulkOperations",
                "ConcurrencySupport",
                "HTTPPipeline",
                "HTTPSemantics",
                "Repositories",
                "RepositoriesSQLite",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .target(
            name: "ResponseCache",
            dependencies: [
                "HTTPSemantics",
                "HTTPPipeline",
                "KeyConstructor",
                "ETag",
                "CacheMiddleware",
                .target(name: "HummingbirdPipeline", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]
        ),
        .target(
            name: "FlyingFoxPipeline",
            dependencies: [
                "HTTPPipeline",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "FlyingFox", package: "FlyingFox", condition: .when(traits: ["FlyingFox"])),
                .product(name: "FlyingSocks", package: "FlyingFox", condition: .when(traits: ["FlyingFox"])),
            ],
            // Like an adapter in another package: what it uses of the pipeline is public.
            packageAccess: false
        ),
        .target(
            name: "PipelineTesting",
            dependencies: [
                "BulkOperations",
                "ConcurrencySupport",
                "HTTPPipeline",
                "KeyConstructor",
                "ETag",
                "CacheMiddleware",
                "Repositories",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "Cities",
            dependencies: [
                "BulkOperations",
                "BulkOperationsPostgreSQL",
                "BulkOperationsSQLite",
                "HTTPPipeline",
                "HTTPSemantics",
                "ETag",
                "Repositories",
                "PostgreSQLTransport",
                "RepositoriesPostgreSQL",
                "RepositoriesSQLite",
                "Resources",
                "ResponseCompression",
                "CacheMiddleware",
                "HummingbirdPipeline",
                "ResponseCacheRedis",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
            ],
            path: "Examples/Cities",
            resources: [.copy("Data")]
        ),
        .executableTarget(
            name: "QuickStart",
            dependencies: [
                "ResponseCache",
                "ResponseCompression",
                "PipelineSettings",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
            ],
            path: "Examples/QuickStart"
        ),
        // The program of the guide "Getting started", and the code of the other guides.
        .executableTarget(
            name: "Guides",
            dependencies: [
                "ResponseCache",
                "ResponseCompression",
                "ResponseCacheRedis",
                "EntrySealing",
                "PipelineSettings",
                "ETag",
                "HummingbirdPipeline",
                "PostgreSQLTransport",
                "Repositories",
                "RepositoriesPostgreSQL",
                "RepositoriesSQLite",
                "Resources",
                "BulkOperations",
                "BulkOperationsPostgreSQL",
                "BulkOperationsSQLite",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HummingbirdCore", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(name: "HummingbirdHTTP2", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
            ],
            path: "Examples/Guides"
        ),
        // The server of the checks of OpenAPI documents.
        .executableTarget(
            name: "ResourceServer",
            dependencies: [
                "BulkOperations",
                "BulkOperationsSQLite",
                "CacheMiddleware",
                "ETag",
                "HTTPPipeline",
                "HummingbirdPipeline",
                "Repositories",
                "RepositoriesSQLite",
                "Resources",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Hummingbird"])),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/ResourceServer"
        ),
        // What the suites share; no product has it.
        .target(
            name: "TestSupport",
            dependencies: [
                "CZlib",
                "HTTPPipeline",
                "PostgreSQLTransport",
                "RedisTransport",
                "Resources",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/TestSupport"
        ),
        .testTarget(name: "ConcurrencySupportTests", dependencies: ["ConcurrencySupport", "PipelineTesting"]),
        .testTarget(
            name: "HTTPSemanticsTests",
            dependencies: [
                "HTTPSemantics",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "RawStructuredFieldValues", package: "swift-http-structured-headers"),
            ]
        ),
        .testTarget(
            name: "HTTPPipelineTests",
            dependencies: [
                "ConcurrencySupport",
                "HTTPPipeline",
                "PipelineTesting",
                "TestSupport",
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "KeyConstructorTests",
            dependencies: [
                "KeyConstructor",
                "TestSupport",
                "PipelineTesting",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .testTarget(name: "ETagTests", dependencies: ["ETag", "TestSupport", "PipelineTesting"]),
        .testTarget(
            name: "ResponseCompressionTests",
            dependencies: ["ResponseCompression", "CacheMiddleware", "ETag", "PipelineTesting", "TestSupport"]
        ),
        .testTarget(
            name: "CacheMiddlewareTests",
            dependencies: [
                "CacheMiddleware",
                "ETag",
                "PipelineTesting",
                "TestSupport",
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ]
        ),
        .testTarget(
            name: "EntrySealingTests",
            dependencies: ["EntrySealing", "CacheMiddleware", .product(name: "Crypto", package: "swift-crypto")]
        ),
        .testTarget(
            name: "BulkOperationsSQLiteTests",
            dependencies: [
                "BulkOperationsSQLite",
                "BulkCrash",
                "BulkOperations",
                "CacheMiddleware",
                "HTTPPipeline",
                "PipelineTesting",
                "Repositories",
                "RepositoriesSQLite",
                "Resources",
                "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "BulkOperationsTests",
            dependencies: [
                "BulkOperations",
                "CZlib",
                "CacheMiddleware",
                "HTTPPipeline",
                "Repositories",
                "Resources",
                "PipelineTesting",
                "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "ResourcesTests",
            dependencies: [
                "Resources",
                "Repositories",
                "RepositoriesSQLite",
                "CacheMiddleware",
                "ETag",
                "KeyConstructor",
                "PipelineTesting",
                "TestSupport",
                "HummingbirdPipeline",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "RepositoriesTests",
            dependencies: [
                "Repositories", "HTTPPipeline", "KeyConstructor", "PipelineTesting",
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "RepositoriesSQLiteTests",
            dependencies: [
                "RepositoriesSQLite",
                "Repositories",
                "PipelineTesting",
                "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
            ]
        ),
        // What a test of RedisStore runs in several processes; no product has it.
        .executableTarget(
            name: "StoreRaces",
            dependencies: [
                "ResponseCacheRedis",
                "CacheMiddleware",
                "HTTPPipeline",
                "KeyConstructor",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/StoreRaces"
        ),
        // A worker that a test of the queue kills; no product has it.
        .executableTarget(
            name: "BulkCrash",
            dependencies: [
                "BulkOperations",
                "BulkOperationsPostgreSQL",
                "BulkOperationsSQLite",
                "PostgreSQLTransport",
                "Repositories",
                "RepositoriesPostgreSQL",
                "RepositoriesSQLite",
                "Resources",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/BulkCrash"
        ),
        // What `make growth` runs under valgrind; no product has it.
        .executableTarget(
            name: "RequestGrowth",
            dependencies: [
                "HTTPPipeline",
                "KeyConstructor",
                "ETag",
                "ResponseCompression",
                "CacheMiddleware",
                "ResponseCacheRedis",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/RequestGrowth"
        ),
        .testTarget(
            name: "RedisTransportTests",
            dependencies: [
                "RedisTransport",
                "ConcurrencySupport",
                "HTTPPipeline",
                "TestSupport",
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["RedisTLS"])),
            ]
        ),
        .testTarget(
            name: "ResponseCacheRedisTests",
            dependencies: [
                "ResponseCacheRedis", "StoreRaces", "CacheMiddleware", "HTTPPipeline", "PipelineTesting", "TestSupport",
            ]
        ),
        .testTarget(
            name: "PostgreSQLTransportTests",
            dependencies: [
                "PostgreSQLTransport",
                "ConcurrencySupport",
                "TestSupport",
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        .testTarget(
            name: "RepositoriesPostgreSQLTests",
            dependencies: [
                "RepositoriesPostgreSQL",
                "PostgreSQLTransport",
                "Repositories",
                "RepositoriesSQLite",
                "PipelineTesting",
                "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["GRDB"])),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "BulkOperationsPostgreSQLTests",
            dependencies: [
                "BulkCrash",
                "BulkOperationsPostgreSQL",
                "BulkOperations",
                "CacheMiddleware",
                "HTTPPipeline",
                "PipelineTesting",
                "PostgreSQLTransport",
                "Repositories",
                "RepositoriesPostgreSQL",
                "Resources",
                "TestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "PipelineSettingsTests",
            dependencies: [
                "PipelineSettings",
                "CacheMiddleware",
                "ETag",
                "RedisTransport",
                "PipelineTesting",
                .product(name: "Configuration", package: "swift-configuration"),
            ]
        ),
        .testTarget(
            name: "HummingbirdPipelineTests",
            dependencies: [
                "HummingbirdPipeline",
                "CacheMiddleware",
                "ResponseCompression",
                "ETag",
                "PipelineTesting",
                "TestSupport",
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .testTarget(
            name: "FlyingFoxPipelineTests",
            dependencies: [
                "FlyingFoxPipeline",
                "CacheMiddleware",
                "ResponseCompression",
                "ETag",
                "PipelineTesting",
                "TestSupport",
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "FlyingFox", package: "FlyingFox", condition: .when(traits: ["FlyingFox"])),
                .product(name: "FlyingSocks", package: "FlyingFox", condition: .when(traits: ["FlyingFox"])),
            ]
        ),
        .testTarget(
            name: "CitiesTests",
            dependencies: ["Cities", "TestSupport", .product(name: "HummingbirdTesting", package: "hummingbird")]
        ),
    ]
)

for target in package.targets where target.type != .system {
    var settings = target.swiftSettings ?? []
    settings += [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    // Not in other people's builds, which a new compiler's new warning must not stop; and not in tests, where some
    // compilers warn of what the testing library's macros expand to.
    if Context.environment["CI"] != nil, target.type != .test {
        settings.append(.treatAllWarnings(as: .error))
    }
    target.swiftSettings = settings
}
