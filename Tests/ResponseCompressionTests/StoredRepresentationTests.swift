import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import ResponseCompression
import Synchronization
import Testing

/// Entity tags in front of a cache: what is remembered about a stored response, and how long.
@Suite(.timeLimit(.minutes(1))) struct StoredRepresentationTests {
    /// Compression, tags and cache in their order around a handler that counts its runs.
    struct Stack {
        let counter = HandlerCounter()
        let store: any CacheStore
        let handler: Handler

        init(
            store: any CacheStore = MemoryStore(byteLimit: 1 << 20), compresses: Bool = false,
            tags: ETagMiddleware = ETagMiddleware(), purgesURL: Bool = true,
            _ respond: @escaping @Sendable (Int) -> Reply = {
                .testing("run \($0)", fields: [.cacheControl: "max-age=60"])
            }
        ) {
            let counter = counter
            self.store = store
            var settings = CacheSettings.standard
            settings.purgesURL = purgesURL
            let cache = CacheResponseMiddleware(in: store, runtime: .testing()) { $0 = settings }
            var middleware: [any Middleware] = [tags, cache]
            if compresses { middleware.insert(GzipMiddleware(), at: 0) }
            handler = Pipeline(middleware).wrap { _ in respond(counter.increment()) }
        }

        func callAsFunction(_ method: HTTPRequest.Method = .get, _ fields: HTTPFields = [:]) async throws -> Reply {
            try await handler(.testing(method, fields: fields))
        }
    }

    static let keyTags = ETagMiddleware(key: ["path": .path])

    @Test(arguments: [false, true]) func `HEAD has the tag of GET`(gzip: Bool) async throws {
        // Before and after GET is stored.
        let stack = Stack(compresses: gzip) { _ in
            .testing(String(repeating: "text", count: 1000), fields: [.contentType: "text/plain"])
        }
        let fields: HTTPFields = gzip ? [.acceptEncoding: "gzip"] : [:]
        let before = try await stack(.head, fields).headerFields[.eTag]
        let tag = try #require(try await stack(.get, fields).headerFields[.eTag])
        let after = try await stack(.head, fields)
        #expect(after.headerFields[.eTag] == tag)
        #expect(before == nil || before == tag)
        #expect(try await stack(.get, fields).headerFields[.eTag] == tag)
        var conditional = fields
        conditional[.ifNoneMatch] = tag
        for method in [HTTPRequest.Method.head, .get] {
            #expect(try await stack(method, conditional).status == .notModified)
        }
    }

    @Test func `The digest of a stored body is kept with it`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let stack = Stack(store: store)
        let tag = try await stack().headerFields[.eTag]
        let key = try await KeyConstructor.safeDefault.key(for: .testing())
        #expect(store.entry(for: key)?.variants["md5"] == nil)
        for _ in 0..<3 { #expect(try await stack().headerFields[.eTag] == tag) }
        #expect(store.entry(for: key)?.variants["md5"]?.readableBytes == 16)
    }

    @Test(arguments: [
        PurgeSelection.url("/"), .prefix("/"), .everything,
    ])
    func `A purge invalidates what is remembered for a 304`(selection: PurgeSelection) async throws {
        let isGone = Atomic(false)
        let stack = Stack(tags: Self.keyTags) { run in
            isGone.load(ordering: .sequentiallyConsistent)
                ? .testing("gone", status: .notFound) : .testing("run \(run)", fields: [.cacheControl: "max-age=60"])
        }
        _ = try await stack()
        let tag = try #require(try await stack().headerFields[.eTag])
        let remembered = try await stack(.get, [.ifNoneMatch: tag])
        #expect(remembered.status == .notModified)
        #expect(stack.counter.count == 1)
        isGone.store(true, ordering: .sequentiallyConsistent)
        _ = try await stack.store.purge(selection, mode: .hard)
        #expect(try await stack(.get, [.ifNoneMatch: tag]).status == .notFound)
    }

    @Test func `A write invalidates what is remembered for a 304`() async throws {
        let isGone = Atomic(false)
        let handler = Pipeline { Self.keyTags }.wrap { exchange in
            if exchange.request.method == .delete {
                isGone.store(true, ordering: .sequentiallyConsistent)
                return Reply(status: .noContent)
            }
            return isGone.load(ordering: .sequentiallyConsistent)
                ? .testing("gone", status: .notFound) : .testing("there")
        }
        let tag = try #require(try await handler(.testing(.get, "/a?x=1")).headerFields[.eTag])
        let conditional = Exchange.testing(.get, "/a?x=1", fields: [.ifNoneMatch: tag])
        #expect(try await handler(conditional).status == .notModified)
        _ = try await handler(.testing(.delete, "/a/"))
        #expect(try await handler(conditional).status == .notFound)
    }

    @Test func `An external store is queried before a 304`() async throws {
        /// A memory store that declares to be outside the process.
        final class Remote: CacheStore {
            let store = RecordingStore()
            func entry(for key: CacheKey) async throws -> CacheEntry? { await store.entry(for: key) }
            func purgeMark() async throws -> PurgeMark { await store.purgeMark() }
            func store(
                _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
            ) async throws -> Bool { await store.store(entry, for: key, unlessPurgedSince: mark) }
            func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
                await store.purge(selection, mode: mode)
            }
        }
        let remote = Remote()
        let stack = Stack(store: remote, tags: Self.keyTags) { run in
            run == 1 ? .testing("run 1") : .testing("gone", status: .notFound)
        }
        _ = try await stack()
        let tag = try #require(try await stack().headerFields[.eTag])
        #expect(try await stack(.get, [.ifNoneMatch: tag]).status == .notModified)
        // Like another instance.
        _ = await remote.store.purge(.everything, mode: .hard)
        #expect(try await stack(.get, [.ifNoneMatch: tag]).status == .notFound)
    }
}
