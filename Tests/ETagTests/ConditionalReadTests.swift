import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@Suite struct ConditionalReadTests {
    static let key: KeyConstructor = ["view": .uniqueViewID]
    static let fields: HTTPFields = [
        .cacheControl: "max-age=5", .vary: "Accept", .contentLocation: "/a", .contentType: "a/b", .lastModified: "x",
        .from: "me", .contentLength: "3",
    ]
    static let kept: Set<HTTPField.Name> = [.cacheControl, .vary, .contentLocation, .eTag]

    @Test func `A 304 has the fields of the 200`() async throws {
        // From the second request on without a run of the handler.
        let ran = HandlerCounter()
        let handler = Pipeline { ETagMiddleware(key: Self.key) }.wrap { _ in
            ran.increment()
            return .testing("all", fields: Self.fields)
        }
        let tag = EntityTag(try await Self.key.key(for: .testing())).description
        for _ in 0..<3 {
            let reply = try await handler(.testing(fields: [.ifNoneMatch: tag]))
            #expect(reply.status == .notModified)
            #expect(Set(reply.headerFields.map(\.name)) == Self.kept)
            #expect(reply.body.contentLength == 0)
        }
        #expect(ran.count == 1)
    }

    @Test func `Fields remembered for a 304 expire after a minute`() async throws {
        let ran = HandlerCounter()
        let clock = ManualTimeSource()
        let handler = Pipeline { ETagMiddleware(key: Self.key, timeSource: clock) }.wrap { _ in
            ran.increment()
            return .testing("all", fields: [.cacheControl: "max-age=\(ran.count)"])
        }
        let tag = try await handler(.testing()).headerFields[.eTag]
        func revalidated() async throws -> String? {
            var fields = HTTPFields()
            fields[.ifNoneMatch] = tag
            return try await handler(.testing(fields: fields)).headerFields[.cacheControl]
        }
        #expect(try await revalidated() == "max-age=1")
        clock.advance(by: .seconds(61))
        #expect(try await revalidated() == "max-age=2")
        #expect(try await revalidated() == "max-age=2")
    }

    @Test func `A response with Expires is generated for each 304`() async throws {
        // Its 304 needs a new date.
        let ran = HandlerCounter()
        let handler = Pipeline { ETagMiddleware(key: Self.key) }.wrap { _ in
            ran.increment()
            return .testing("all", fields: [.expires: "date \(ran.count)"])
        }
        let tag = try #require(try await handler(.testing()).headerFields[.eTag])
        for run in 2...3 {
            #expect(try await handler(.testing(fields: [.ifNoneMatch: tag])).headerFields[.expires] == "date \(run)")
        }
    }

    @Test(arguments: [HTTPResponse.Status.notFound, .seeOther, .internalServerError, .unauthorized])
    func `Conditions are ignored when the response would be an error`(status: HTTPResponse.Status) async throws {
        let handler = Pipeline { ETagMiddleware(tag: { _ in EntityTag("a") }) }.wrap { _ in
            .testing("no", status: status)
        }
        for fields in [[.ifNoneMatch: "\"a\""], [.ifMatch: "\"b\""], [.ifNoneMatch: "*"]] as [HTTPFields] {
            let reply = try await handler(.testing(fields: fields))
            #expect(reply.status == status)
            #expect(reply.headerFields[.eTag] == nil)
        }
        let tagging = Pipeline { ETagMiddleware(tag: { _ in EntityTag("a") }) { $0.tagsErrors = true } }
            .wrap { _ in .testing("no", status: status) }
        #expect(try await tagging(.testing()).headerFields[.eTag] == "\"a\"")
    }

    @Test func `Conditions are compared with the handler's tag and date`() async throws {
        let date = Dates.date
        let handler = Pipeline { ETagMiddleware(key: Self.key) }.wrap { _ in
            .testing("own", fields: [.eTag: "\"own\"", .lastModified: date])
        }
        let keyTag = EntityTag(try await Self.key.key(for: .testing())).description
        for (fields, status) in [
            ([.ifNoneMatch: "\"own\""], 304), ([.ifNoneMatch: keyTag], 200), ([.ifMatch: "\"own\""], 200),
            ([.ifMatch: keyTag], 412), ([.ifModifiedSince: date], 304),
            ([.ifUnmodifiedSince: Dates.earlier], 412),
        ] as [(HTTPFields, Int)] {
            #expect(try await handler(.testing(fields: fields)).status.code == status, "\(fields)")
        }
    }

    @Test func `The tag of a body depends on the body`() async throws {
        let version = HandlerCounter()
        let handler = Pipeline { ETagMiddleware() }.wrap { _ in
            .testing("version \(version.count)", fields: Self.fields)
        }
        let first = try await handler(.testing())
        let tag = try #require(first.headerFields[.eTag])
        #expect(tag == BodyETag.tag(of: ByteBuffer(string: "version 0")).description)
        #expect(try await first.text() == "version 0")
        #expect(try await handler(.testing(.head)).headerFields[.eTag] == tag)
        let current = try await handler(.testing(fields: [.ifNoneMatch: tag]))
        #expect(current.status == .notModified)
        #expect(Set(current.headerFields.map(\.name)) == Self.kept)
        version.increment()
        #expect(try await handler(.testing(fields: [.ifNoneMatch: tag])).text() == "version 1")
    }

    @Test func `A body too large or empty has no tag`() async throws {
        let body = ByteBuffer(repeating: 65, count: 11)
        let bodies: [(HTTPRequest.Method, ReplyBody, Bool)] = [
            (.get, ReplyBody(body), false), (.get, ReplyBody(body.getSlice(at: 0, length: 10)!), true),
            (.get, .empty, true),
            (.head, .empty, false),
            (.get, ReplyBody(contentLength: 11) { try await $0.write(body) }, false),
            (.get, ReplyBody(contentLength: 10) { try await $0.write(body.getSlice(at: 0, length: 10)!) }, true),
        ]
        for (method, body, isTagged) in bodies {
            let handler = Pipeline { ETagMiddleware { $0.body = BodyETag(upTo: 10) } }.wrap { _ in
                Reply(status: .ok, body: body)
            }
            #expect(try await handler(.testing(method)).headerFields.contains(.eTag) == isTagged)
        }
    }

    @Test(arguments: [
        ("trailers", 100, true), ("gzip, Trailers", 100, true), (nil, 100, false), ("trailers", 5, false),
        ("trailersx", 100, false),
    ])
    func `A body of unknown size has its tag in trailers`(accepted: String?, limit: Int, isTagged: Bool) async throws {
        // If the client accepts trailers.
        let handler = Pipeline { ETagMiddleware { $0.body = BodyETag(upTo: limit) } }.wrap { _ in
            Reply(
                status: .ok,
                body: ReplyBody { writer in
                    for piece in ["one ", "two ", "three"] { try await writer.write(ByteBuffer(string: piece)) }
                    try await writer.finish([.from: "me"])
                })
        }
        var fields = HTTPFields()
        fields[.te] = accepted
        let reply = try await handler(.testing(fields: fields))
        #expect(!reply.headerFields.contains(.eTag))
        let collected = try await reply.body.collect(upTo: 100)
        #expect(String(buffer: collected.buffer) == "one two three")
        let tag = BodyETag.tag(of: ByteBuffer(string: "one two three")).description
        #expect(collected.trailers == (isTagged ? [.from: "me", .eTag: tag] : [.from: "me"]))
    }

    @Test func `An unusable partial response becomes the full response`() async throws {
        let ran = HandlerCounter()
        let handler = Pipeline { ETagMiddleware(key: Self.key) }.wrap { exchange in
            ran.increment()
            guard exchange.request.headerFields.contains(.range) else { return .testing("whole") }
            return .testing("part", status: .partialContent)
        }
        let tag = EntityTag(try await Self.key.key(for: .testing())).description
        for (condition, text) in [(tag, "part"), ("\"old\"", "whole"), ("W/\(tag)", "whole"), ("junk", "whole")] {
            let reply = try await handler(.testing(fields: [.range: "bytes=0-3", .ifRange: condition]))
            #expect(try await reply.text() == text)
            #expect(reply.headerFields[.eTag] == tag)
        }
        #expect(try await handler(.testing(fields: [.range: "bytes=0-3"])).text() == "part")
        #expect(ran.count == 8)
    }

    @Test func `The route's date is sent, and compared a second later`() async throws {
        let clock = ManualTimeSource()
        let modified = HTTPDate(clock.now)
        let handler = Pipeline { ETagMiddleware(timeSource: clock) { $0.lastModified = { _ in modified } } }
            .wrap { _ in .testing("a") }
        let fields: HTTPFields = [.ifModifiedSince: modified.description]
        #expect(try await handler(.testing()).headerFields[.lastModified] == nil)
        #expect(try await handler(.testing(fields: fields)).status == .ok)
        clock.advance(by: .seconds(1))
        #expect(try await handler(.testing()).headerFields[.lastModified] == modified.description)
        #expect(try await handler(.testing(fields: fields)).status == .notModified)
    }

    @Test func `A rendered error is neither tagged nor compared`() async throws {
        let handler = Pipeline { ETagMiddleware() }.wrap { _ in
            var reply = Reply.testing("thrown", status: .ok)
            reply.thrownError = StoredError()
            return reply
        }
        let reply = try await handler(.testing(fields: [.ifNoneMatch: "*"]))
        #expect(reply.status == .ok)
        #expect(reply.headerFields.isEmpty)
    }

    @Test func `Responses are not shared between clients`() async throws {
        let handler = Pipeline { ETagMiddleware(tag: { _ in EntityTag("secret") }) }.wrap { exchange in
            exchange.request.headerFields[.authorization] == "alice"
                ? .testing("hers", fields: [.cacheControl: "private"]) : .testing("who?", status: .unauthorized)
        }
        let hers = try await handler(.testing(fields: [.authorization: "alice", .ifNoneMatch: "*"]))
        #expect(hers.status == .notModified)
        for fields in [[.ifNoneMatch: "*"], [.ifNoneMatch: "\"secret\"", .cookie: "a=b"]] as [HTTPFields] {
            #expect(try await handler(.testing(fields: fields)).status == .unauthorized)
        }
    }

    @Test func `A failed tag is not a missing tag`() async throws {
        struct Failure: Error {}
        for settings in [ETagSettings.standard, .drf] {
            let handler = Pipeline { ETagMiddleware(tag: { _ in throw Failure() }) { $0 = settings } }.wrap { _ in
                .testing("a")
            }
            #expect(try await handler(.testing(fields: [.ifMatch: "*"])).status == .ok)
            let dateless = Pipeline {
                ETagMiddleware(tag: { _ in EntityTag("a") }) {
                    $0 = settings
                    $0.lastModified = { _ in throw Failure() }
                }
            }.wrap { _ in .testing("a") }
            #expect(try await dateless(.testing()).headerFields[.eTag] == "\"a\"")
        }
    }

    @Test func `A range beyond the current end returns the full response`() async throws {
        let handler = Pipeline { ETagMiddleware(tag: { _ in EntityTag("new") }) }.wrap { exchange in
            exchange.request.headerFields.contains(.range)
                ? .testing("", status: .rangeNotSatisfiable) : .testing("whole")
        }
        let resumed = try await handler(.testing(fields: [.range: "bytes=9000-", .ifRange: "\"old\""]))
        #expect(try await resumed.text() == "whole")
        #expect(try await handler(.testing(fields: [.range: "bytes=9000-"])).status == .rangeNotSatisfiable)
    }

    @Test func `OPTIONS is conditional where GET is`() async throws {
        let handler = Pipeline {
            ETagMiddleware(tag: { _ in EntityTag("a") }) { $0.tagsEveryMethod = true }
        }
        .wrap { _ in .testing("a") }
        #expect(try await handler(.testing(.options, fields: [.ifNoneMatch: "\"a\""])).status == .notModified)
    }

    @Test func `HEAD and 204 have no body tag`() async throws {
        // Whatever form the empty body has.
        for (method, status) in [(HTTPRequest.Method.head, HTTPResponse.Status.ok), (.get, .noContent)] {
            let handler = Pipeline { ETagMiddleware() }.wrap { _ in
                Reply(status: status, body: ReplyBody(contentLength: 0) { try await $0.finish(nil) })
            }
            #expect(try await handler(.testing(method)).headerFields[.eTag] == nil)
        }
    }
}
