import HTTPPipeline
import HTTPTypes
import NIOCore
import Testing

@testable import CacheMiddleware

@Suite struct HitFieldsTests {
    private static let second: Int64 = 1_000_000_000
    private static let start = Timestamp(nanoseconds: 5 * second + 7)
    private static let status = CacheStatus.hit.field(cache: "A")

    private static func entry(_ fields: HTTPFields = [:]) -> CacheEntry {
        CacheEntry(status: .ok, headerFields: fields, body: ByteBuffer(string: "body"), storedAt: start)
    }

    private static func age(_ entry: CacheEntry, _ moment: Int64) -> String? {
        entry.hitFields.fields(of: entry, at: Timestamp(nanoseconds: moment), status: status)[.age]
    }

    @Test(
        arguments: [
            (0, "0"), (second - 1, "0"), (second, "1"), (2 * second - 1, "1"), (2 * second, "2"), (second / 2, "0"),
            (-9 * second, "0"), (3600 * second, "3600"),
        ] as [(Int64, String)]
    )
    func `The age is in whole seconds`(
        elapsed: Int64,
        expected: String
    ) {
        // Whatever it was at the hit before.
        for before in [0, Self.second - 1, Self.second, 3 * Self.second, -Self.second] {
            let entry = Self.entry()
            _ = Self.age(entry, Self.start.nanoseconds + before)
            #expect(Self.age(entry, Self.start.nanoseconds + elapsed) == expected)
        }
    }

    @Test(arguments: [
        ("5", 15), (" 5\t", 15), ("0005", 15), ("5, 6", 15), ("5,6", 15), ("", 10), (", 6", 10), ("-5", 10), ("+5", 10),
        ("5.5", 10),
        ("5 6", 10), ("five", 10), ("2147483637", 2_147_483_647), ("2147483638", 2_147_483_648),
        ("2147483648", 2_147_483_648), ("9999999999", 2_147_483_648), ("99999999999999999999", 2_147_483_648),
        (String(Int.max), 2_147_483_648),
    ])
    func `The age includes the first Age member, at most 2^31`(field: String, expected: Int) {
        let entry = Self.entry([.age: field])
        #expect(entry.age(at: Self.start + .seconds(10)) == expected)
    }

    @Test func `A hit has a Content-Length`() async throws {
        let handler = Pipeline { CacheResponseMiddleware(.forever, in: MemoryStore(byteLimit: 1 << 20)) }
            .wrap { _ in Reply(status: .ok, body: ReplyBody(ByteBuffer(string: "body"))) }
        let target = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        let miss = try await handler(Exchange(request: target))
        #expect(!miss.body.hasLengthField)
        for method in [HTTPRequest.Method.get, .head] {
            var request = target
            request.method = method
            let hit = try await handler(Exchange(request: request))
            #expect(hit.body.hasLengthField)
            #expect(hit.headerFields[.contentLength] == "4")
            #expect(ReplyBody(hit.body.content).hasLengthField == false)
        }
    }

    @Test func `Several Age fields form one list`() {
        var fields: HTTPFields = [.age: "7"]
        fields.append(HTTPField(name: .age, value: "9"))
        #expect(Self.entry(fields).age(at: Self.start) == 7)
    }

    @Test func `The range of time ends with whole seconds`() {
        for start in [Int64.min, .max] {
            for moment in [Int64.min, .max] {
                let start = Timestamp(nanoseconds: start)
                let second = HitFields.second(of: Timestamp(nanoseconds: moment), since: start)
                #expect(second.lowerBound <= second.upperBound)
            }
        }
    }

    @Test func `Stored fields keep their order and precede Cache-Status`() {
        let entry = Self.entry([.server: "s", .age: "5", .eTag: "\"1\""])
        let moment = Timestamp(nanoseconds: Self.start.nanoseconds + 2 * Self.second)
        let fields = entry.hitFields.fields(of: entry, at: moment, status: Self.status)
        #expect(fields.map(\.name.rawName) == ["Server", "Age", "ETag", "Cache-Status", "Content-Length"])
        #expect(fields[.age] == "7")
    }

    @Test func `Caches that share an entry report their own names`() {
        let entry = Self.entry()
        for name in ["A", "B", "A"] {
            let fields = entry.hitFields.fields(of: entry, at: Self.start, status: CacheStatus.hit.field(cache: name))
            #expect(fields[.cacheStatus] == "\(name); hit")
        }
    }

    @Test func `A changed entry has its own fields`() {
        let entry = Self.entry([.server: "a"])
        _ = Self.age(entry, Self.start.nanoseconds)
        var changed = entry
        changed.headerFields[.server] = "b"
        let moment = Self.start
        #expect(changed.hitFields.fields(of: changed, at: moment, status: Self.status)[.server] == "b")
        #expect(entry.hitFields.fields(of: entry, at: moment, status: Self.status)[.server] == "a")
        changed.storedAt = Timestamp(nanoseconds: moment.nanoseconds - 4 * Self.second)
        #expect(Self.age(changed, moment.nanoseconds) == "4")
    }
}
