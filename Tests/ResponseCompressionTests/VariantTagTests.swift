import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import ResponseCompression
import TestSupport
import Testing

@Suite struct VariantTagTests {
    static let gzip: HTTPFields = [.acceptEncoding: "gzip"]

    /// A resource behind compression and tags, whose body contains its version.
    static func handler(_ tags: VariantTag = .semicolon, ran: HandlerCounter = HandlerCounter()) -> Handler {
        Pipeline {
            GzipMiddleware { $0.tags = tags }
            ETagMiddleware(tag: { _ in EntityTag("abc") })
        }.wrap { _ in
            ran.increment()
            return .testing(GzipMiddlewareTests.text, fields: [.contentType: "text/plain", .cacheControl: "max-age=9"])
        }
    }

    @Test(arguments: [
        (VariantTag.semicolon, #""abc;gzip""#), (.hyphen, #""abc-gzip""#), (.weak, #"W/"abc""#),
    ])
    func `A compressed response and its 304 have their own tag`(tags: VariantTag, expected: String) async throws {
        let handler = Self.handler(tags)
        #expect(try await handler(.testing()).headerFields[.eTag] == #""abc""#)
        #expect(try await handler(.testing(fields: Self.gzip)).headerFields[.eTag] == expected)
        var fields = Self.gzip
        fields[.ifNoneMatch] = expected
        let reply = try await handler(.testing(fields: fields))
        #expect(reply.status == .notModified)
        #expect(
            reply.headerFields == [.eTag: expected, .cacheControl: "max-age=9", .vary: "Accept-Encoding"])
        #expect(reply.body.contentLength == 0)
    }

    @Test(
        arguments: [
            ("gzip", #""abc;gzip""#, #""abc;gzip""#), ("gzip", #""x", "abc;gzip""#, #""abc;gzip""#),
            ("gzip", #""abc""#, #""abc""#), ("gzip", #""abc", "abc;gzip""#, #""abc;gzip""#),
            ("gzip", "abc;gzip", #""abc;gzip""#),
            ("gzip", #"W/"abc;gzip""#, #""abc;gzip""#), ("gzip", "*", #""abc;gzip""#), ("br", "*", #""abc""#),
            ("gzip;q=0.5, identity", #""abc", "abc;gzip""#, #""abc""#),
            ("gzip;q=0.5, identity", #""abc;gzip""#, #""abc;gzip""#),
            // The client no longer accepts the variant that it has.
            ("br", #""abc;gzip""#, nil), ("gzip;q=0", #""abc;gzip""#, nil), ("gzip, identity;q=0", #""abc""#, nil),
            ("gzip, identity;q=0", #""abc;gzip""#, #""abc;gzip""#), ("gzip, identity;q=0", "*", #""abc;gzip""#),
        ] as [(String, String, String?)])
    func `A 304 has the tag of the client's variant`(accept: String, condition: String, tag: String?) async throws {
        let handler = Self.handler()
        for _ in 0..<2 {
            let reply = try await handler(.testing(fields: [.acceptEncoding: accept, .ifNoneMatch: condition]))
            #expect(reply.status == (tag == nil ? .ok : .notModified))
            if let tag { #expect(reply.headerFields[.eTag] == tag) }
        }
    }

    @Test func `A 304 for a date has the variant's tag`() async throws {
        // The tag of the response that the client would get.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        for (text, isCompressed) in [(GzipMiddlewareTests.text, true), ("small", false)] {
            let handler = Pipeline {
                GzipMiddleware()
                ETagMiddleware(tag: { _ in EntityTag("abc") })
            }.wrap { _ in .testing(text, fields: [.contentType: "text/plain", .lastModified: date]) }
            let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip", .ifModifiedSince: date]))
            #expect(reply.status == .notModified)
            #expect(reply.headerFields[.eTag] == (isCompressed ? #""abc;gzip""# : #""abc""#))
        }
    }

    @Test(arguments: [#""abc;gzip""#, #""abc""#, #""x;gzip", "abc;gzip""#])
    func `An update may be conditional on either variant`(condition: String) async throws {
        let ran = HandlerCounter()
        let handler = Self.handler(ran: ran)
        #expect(try await handler(.testing(.put, fields: [.ifMatch: condition])).status == .ok)
        #expect(try await handler(.testing(.put, fields: [.ifMatch: #""old;gzip""#])).status == .preconditionFailed)
        #expect(ran.count == 1)
    }

    @Test func `A handler's tag that looks like a variant still matches`() async throws {
        let handler = Pipeline {
            GzipMiddleware()
            ETagMiddleware()
        }.wrap { _ in .testing("encoded", fields: [.contentEncoding: "gzip", .eTag: #""own;gzip""#]) }
        let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip", .ifNoneMatch: #""own;gzip""#]))
        #expect(reply.status == .notModified)
        #expect(reply.headerFields[.eTag] == #""own;gzip""#)
    }

    @Test(arguments: [
        (#""abc""#, true), (#""abc;gzip""#, false), (#""old""#, false), (#"W/"abc""#, false),
    ])
    func `Only the representation named by If-Range is cut`(condition: String, isPart: Bool) async throws {
        let handler = Pipeline {
            GzipMiddleware()
            ETagMiddleware(tag: { _ in EntityTag("abc") })
        }.wrap { exchange in
            guard exchange.request.headerFields.contains(.range) else {
                return .testing(GzipMiddlewareTests.text, fields: [.contentType: "text/plain"])
            }
            return .testing(
                "part", status: .partialContent, fields: [.contentType: "text/plain", .contentRange: "bytes 0-3/4100"])
        }
        let reply = try await handler(
            .testing(fields: [.acceptEncoding: "gzip", .range: "bytes=0-3", .ifRange: condition]))
        #expect(reply.status == (isPart ? .partialContent : .ok))
        #expect(reply.headerFields[.contentEncoding] == (isPart ? nil : "gzip"))
    }

    @Test func `A cached response is compressed once`() async throws {
        // With the compression in front of the cache.
        let store = MemoryStore(byteLimit: 1 << 20)
        let key: KeyConstructor = ["view": .uniqueViewID]
        let ran = HandlerCounter()
        let handler = Pipeline {
            GzipMiddleware()
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.forever, key: key, in: store)
        }.wrap { _ in
            ran.increment()
            return .testing(GzipMiddlewareTests.text, fields: [.contentType: "text/plain"])
        }
        _ = try await handler(.testing(fields: Self.gzip))
        let bytes = store.statistics.byteCount
        let first = try await handler(.testing(fields: Self.gzip)).body.collect(upTo: .max).buffer
        let taken = store.statistics.byteCount
        #expect(taken >= bytes + first.readableBytes, "the store counts the compressed form")
        let second = try await handler(.testing(fields: Self.gzip)).body.collect(upTo: .max).buffer
        #expect(inflated([second]).text == GzipMiddlewareTests.text)
        #expect(store.statistics.byteCount == taken)
        #expect(second == first)
        let third = try await handler(.testing(fields: Self.gzip)).body.collect(upTo: .max).buffer
        // The same memory: nothing was compressed.
        #expect(third.withUnsafeReadableBytes { $0.baseAddress } == second.withUnsafeReadableBytes { $0.baseAddress })
        let head = try await handler(.testing(.head, fields: Self.gzip))
        #expect(head.headerFields[.contentLength] == String(first.readableBytes))
        #expect(head.headerFields[.contentEncoding] == "gzip")
        #expect(try await handler(.testing()).text() == GzipMiddlewareTests.text)
        #expect(ran.count == 1)
    }

    @Test func `A cache in front stores each variant`() async throws {
        // If its key has the content coding.
        let ran = HandlerCounter()
        let key: KeyConstructor = ["view": .uniqueViewID, "coding": .contentCoding]
        let handler = Pipeline {
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.forever, key: key, in: MemoryStore(byteLimit: 1 << 20))
            GzipMiddleware()
        }.wrap { _ in
            ran.increment()
            return .testing(GzipMiddlewareTests.text, fields: [.contentType: "text/plain"])
        }
        var tags: Set<String?> = []
        for _ in 0..<2 {
            let compressed = try await handler(.testing(fields: Self.gzip))
            #expect(try await compressed.inflatedText() == GzipMiddlewareTests.text)
            let plain = try await handler(.testing())
            #expect(try await plain.text() == GzipMiddlewareTests.text)
            tags.formUnion([compressed.headerFields[.eTag], plain.headerFields[.eTag]])
        }
        #expect(ran.count == 2)
        #expect(tags.count == 2)
        var fields = Self.gzip
        fields[.ifNoneMatch] = try await handler(.testing(fields: Self.gzip)).headerFields[.eTag]
        #expect(try await handler(.testing(fields: fields)).status == .notModified)
    }

    @Test func `Without the coding in the key nothing is stored`() async throws {
        // The cache is in front of the compression.
        let key: KeyConstructor = ["view": .uniqueViewID]
        let handler = Pipeline {
            CacheResponseMiddleware(.forever, key: key, in: MemoryStore(byteLimit: 1 << 20))
            GzipMiddleware()
        }.wrap { _ in .testing(GzipMiddlewareTests.text, fields: [.contentType: "text/plain"]) }
        _ = try await handler(.testing(fields: Self.gzip))
        #expect(try await handler(.testing()).text() == GzipMiddlewareTests.text)
    }

    @Test func `An update's condition counts whatever codings the client accepts`() async throws {
        let handler = Self.handler()
        for accept in ["gzip", "gzip, identity;q=0", "identity"] {
            for condition in [#""abc""#, #""abc;gzip""#, #""abc;gzip", "open"#] {
                let reply = try await handler(
                    .testing(.put, fields: [.acceptEncoding: accept, .ifNoneMatch: condition]))
                #expect(reply.status == .preconditionFailed)
            }
        }
    }

    @Test func `A 304 varies by the coding only like its response`() async throws {
        let handler = Pipeline {
            GzipMiddleware()
            ETagMiddleware(tag: { _ in EntityTag("abc") })
        }.wrap { _ in .testing(GzipMiddlewareTests.text, fields: [.contentType: "image/png"]) }
        let reply = try await handler(.testing(fields: [.acceptEncoding: "gzip", .ifNoneMatch: #""abc""#]))
        #expect(reply.status == .notModified)
        #expect(reply.headerFields == [.eTag: #""abc""#])
    }

    @Test func `Each store counts the variants that it keeps`() async throws {
        let (first, second) = (MemoryStore(byteLimit: 1 << 20), MemoryStore(byteLimit: 1 << 20))
        let key: KeyConstructor = ["view": .uniqueViewID]
        func handler(_ store: MemoryStore) -> Handler {
            Pipeline {
                GzipMiddleware()
                CacheResponseMiddleware(.forever, key: key, in: store)
            }.wrap { _ in .testing(GzipMiddlewareTests.text, fields: [.contentType: "text/plain"]) }
        }
        for _ in 0..<2 { _ = try await handler(first)(.testing(fields: Self.gzip)) }
        let cacheKey = try await key.key(for: .testing())
        second.store(try #require(first.entry(for: cacheKey)), for: cacheKey)
        for _ in 0..<2 { _ = try await handler(second)(.testing(fields: Self.gzip)) }
        #expect(first.statistics.byteCount == second.statistics.byteCount)
    }
}
