// swift-tools-version: 6.2

import PackageDescription

/// The name that the package of the library has for the compiler: that of its folder. Some of the parsers have package access.
let packageName = String(
    Context.packageDirectory.split(separator: "/").dropLast().last!.lowercased().map {
        $0.isLetter || $0.isNumber ? $0 : "_"
    })

/// Fuzz targets for parsers of bytes from clients and stores: `make fuzz`.
let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-response-cache", path: "..", traits: ["Hummingbird"]),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    ],
    targets: [
        "entity-tag-list", "accept-encoding", "negotiation", "cache-control", "http-date", "cache-entry", "row-json",
        "row-csv", "json-items", "multipart", "hit-handler",
    ].map { name in
        .executableTarget(
            name: name,
            dependencies: [
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "KeyConstructor", package: "swift-response-cache"),
                .product(name: "ETag", package: "swift-response-cache"),
                .product(name: "CacheMiddleware", package: "swift-response-cache"),
                .product(name: "Repositories", package: "swift-response-cache"),
                .product(name: "BulkOperations", package: "swift-response-cache"),
                .product(name: "HummingbirdPipeline", package: "swift-response-cache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            // Without the name of this package, which would come after the other one.
            packageAccess: false,
            // libFuzzer provides the entry point.
            swiftSettings: [.unsafeFlags(["-parse-as-library", "-package-name", packageName])],
        )
    }
)
