// swift-tools-version: 6.2

import PackageDescription

/// What reads bytes that anybody can send, for libFuzzer: `make fuzz`.
let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-response-cache", path: "..", traits: [])],
    targets: ["entity-tag-list", "accept-encoding", "http-date"].map { name in
        .executableTarget(
            name: name,
            dependencies: [
                .product(name: "HTTPPipeline", package: "swift-response-cache"),
                .product(name: "ETag", package: "swift-response-cache"),
            ],
            // libFuzzer has the entry point.
            swiftSettings: [.unsafeFlags(["-parse-as-library"])],
        )
    }
)
