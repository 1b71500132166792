// swift-tools-version: 6.2

import PackageDescription

/// What reads bytes that others can send or leave in a store, for libFuzzer: `make fuzz`.
let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-response-cache", path: "..", traits: []),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    ],
    targets: ["entity-tag-list", "accept-encoding", "negotiation", "cache-control", "http-date", "cache-entry"].map {
        name in
        .executableTarget(
            name: name,
            dependencies: [
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "KeyConstructor", package: "swift-response-cache"),
                .product(name: "ETag", package: "swift-response-cache"),
                .product(name: "CacheMiddleware", package: "swift-response-cache"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            // libFuzzer has the entry point.
            swiftSettings: [.unsafeFlags(["-parse-as-library"])],
        )
    }
)
