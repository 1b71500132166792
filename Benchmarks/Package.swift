// swift-tools-version: 6.1

import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-response-cache", path: "..", traits: ["Hummingbird", "GRDB", "PostgreSQL"]),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .systemLibrary(name: "CZlibDirect", path: "Sources/CZlibDirect"),
        .systemLibrary(name: "CPostgreSQLDirect", path: "Sources/CPostgreSQLDirect"),
        .target(
            name: "Workload",
            dependencies: [
                "CZlibDirect",
                .product(name: "CacheMiddleware", package: "swift-response-cache"),
                .product(name: "ResponseCompression", package: "swift-response-cache"),
                .product(name: "ETag", package: "swift-response-cache"),
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "KeyConstructor", package: "swift-response-cache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Repositories", package: "swift-response-cache"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        ),
        .executableTarget(
            name: "HitPath",
            dependencies: [
                "Workload",
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "CacheMiddleware", package: "swift-response-cache"),
                .product(name: "ETag", package: "swift-response-cache"),
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "KeyConstructor", package: "swift-response-cache"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Benchmarks/HitPath",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        ),
        .executableTarget(
            name: "hot-path",
            dependencies: [
                "Workload",
                .product(name: "CacheMiddleware", package: "swift-response-cache"),
                .product(name: "ETag", package: "swift-response-cache"),
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "KeyConstructor", package: "swift-response-cache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Repositories", package: "swift-response-cache"),
                .product(name: "Resources", package: "swift-response-cache"),
            ],
            path: "Sources/HotPath"
        ),
        .executableTarget(
            name: "store-replay",
            dependencies: [
                .product(name: "CacheMiddleware", package: "swift-response-cache"),
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "KeyConstructor", package: "swift-response-cache"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Sources/StoreReplay",
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("MemberImportVisibility")]
        ),
        .executableTarget(
            name: "redis-path",
            dependencies: [
                .product(name: "CacheMiddleware", package: "swift-response-cache"),
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "KeyConstructor", package: "swift-response-cache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ResponseCacheRedis", package: "swift-response-cache"),
            ],
            path: "Sources/RedisPath",
            swiftSettings: [.swiftLanguageMode(.v6), .enableUpcomingFeature("MemberImportVisibility")]
        ),
        .executableTarget(
            name: "repository-path",
            dependencies: [
                "CPostgreSQLDirect",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "PostgreSQLTransport", package: "swift-response-cache"),
                .product(name: "Repositories", package: "swift-response-cache"),
                .product(name: "RepositoriesPostgreSQL", package: "swift-response-cache"),
                .product(name: "RepositoriesSQLite", package: "swift-response-cache"),
            ],
            path: "Sources/RepositoryPath",
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        ),
        .executableTarget(
            name: "hummingbird-path",
            dependencies: [
                "Workload",
                .product(name: "CacheMiddleware", package: "swift-response-cache"),
                .product(name: "ETag", package: "swift-response-cache"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdPipeline", package: "swift-response-cache"),
                .product(name: "KeyConstructor", package: "swift-response-cache"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Repositories", package: "swift-response-cache"),
                .product(name: "RepositoriesSQLite", package: "swift-response-cache"),
                .product(name: "Resources", package: "swift-response-cache"),
                .product(name: "ResponseCacheRedis", package: "swift-response-cache"),
                .product(name: "ResponseCompression", package: "swift-response-cache"),
            ],
            path: "Sources/HummingbirdPath",
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ]
        ),
    ]
)
