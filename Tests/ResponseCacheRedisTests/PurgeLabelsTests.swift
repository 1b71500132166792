import CacheMiddleware
import KeyConstructor
import NIOCore
import Testing

@testable import ResponseCacheRedis

@Suite struct PurgeLabelsTests {
    private static let key = CacheKey(digestOf: "key")

    private static func labels(tags: [String] = [], url: String?) -> [UInt64] {
        var bytes = PurgeLabels(of: .text("", tags: tags, path: url), under: key).bytes
        var labels: [UInt64] = []
        while let label = bytes.readInteger(as: UInt64.self) { labels.append(label) }
        return labels
    }

    private static func label(of selection: PurgeSelection) -> UInt64? {
        let bytes = PurgeLabels.label(of: selection.normalized)
        return bytes.getInteger(at: bytes.readerIndex)
    }

    private static let deep = String(repeating: "/segment", count: 40)
    private static let widest = String(repeating: "/segment", count: String.prefixSegmentLimit)

    static let selected: [(url: String, selection: PurgeSelection)] = [
        ("/a/b/c", .url("/a/b/c")), ("/a/b/c", .prefix("/")), ("/a/b/c", .prefix("/a")), ("/a/b/c", .prefix("/a/b/c")),
        ("/", .url("/")), ("/", .prefix("/")),
        ("/a/b?x=/1/2?3", .url("/a/b")), ("/a/b?x=/1/2?3", .prefix("/a/b")), ("/a/b", .url("/a/b?x=1")),
        ("/a/b", .url("/a/b/")), ("/a%3Fb/c", .url("/a%3Fb/c")), ("/a%3Fb/c", .prefix("/a%3Fb")),
        (deep, .url(deep)), (deep, .prefix(widest)), (deep, .prefix(deep)), (deep, .prefix(widest + "/other")),
        (widest, .prefix(widest)), (widest, .url(widest)),
    ]

    @Test(arguments: selected)
    func `An entry has the labels of its selections`(url: String, selection: PurgeSelection) throws {
        #expect(Self.labels(url: CacheEntry.normalizedPath(url)).contains(try #require(Self.label(of: selection))))
    }

    static let others: [(url: String, selection: PurgeSelection)] = [
        ("/a/b/c", .url("/a/b")), ("/a/b/c", .prefix("/a/b/cd")), ("/a/bc", .prefix("/a/b")), ("/a", .prefix("/a/b")),
        ("/a?x=/b/c", .prefix("/a/b")), ("/a?x=1", .url("/a/x")), (deep, .url(widest)), (deep, .prefix("/other")),
    ]

    @Test(arguments: others)
    func `An entry has no labels of other selections`(url: String, selection: PurgeSelection) throws {
        #expect(!Self.labels(url: CacheEntry.normalizedPath(url)).contains(try #require(Self.label(of: selection))))
    }

    @Test func `The selection of everything has no label`() {
        let labels = Self.labels(tags: ["red", "blue"], url: nil)
        #expect(labels == [.key(Self.key), .tag("red"), .tag("blue")].map { Self.label(of: $0) })
        #expect(Self.label(of: .everything) == nil)
    }

    @Test(arguments: [
        "/a?x=" + String(repeating: "/", count: 60_000), "/a?x=" + String(repeating: "?", count: 60_000),
        String(repeating: "/a", count: 30_000),
        String(repeating: "/a", count: 32) + String(repeating: "b", count: 60_000),
    ])
    func `The number of labels of a URL is limited`(url: String) {
        #expect(Self.labels(url: CacheEntry.normalizedPath(url)).count <= 3 + String.prefixSegmentLimit)
    }
}
