import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Repositories
import Resources
import Synchronization
import TestSupport
import Testing

@testable import BulkOperations

@Suite struct MatchingWriteTests {
    private static let refusal = #"{"detail":"Header 'X-BULK-OPERATION' should be provided for bulk operation."}"#

    @Test(arguments: [nil, "", " ", "false", "FALSE", "0", "no"] as [String?])
    func `A bulk request needs its field`(value: String?) async throws {
        let people = try BulkPeople()
        var fields: HTTPFields = [:]
        fields[.bulkOperation] = value
        for (method, body) in [(HTTPRequest.Method.delete, ""), (.patch, #"{"age": 99}"#)] {
            let answer = try await people.send(method, "/people?id=1", fields, body: body)
            #expect(answer.status == 400)
            #expect(answer.text == Self.refusal)
        }
        #expect(try await people.rows() == ["1 20 Ann", "2 30 Bob", "3 40 Cid"])
    }

    @Test(
        arguments: [
            ("?email__endswith=gmail.com", confirmed, 204, "2", ["3 40 Cid"]),
            ("?email__endswith=gmail.com&age__gt=25", confirmed, 204, "1", ["1 20 Ann", "3 40 Cid"]),
            ("?id=9", confirmed, 204, "0", ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
            ("", confirmedAll, 204, "3", []),
            ("", confirmed, 400, nil, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
            ("?email__contains=", confirmed, 400, nil, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
            ("?ordering=age", confirmed, 400, nil, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
            ("?dry_run=false", confirmed, 400, nil, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
            ("?emial=a", confirmed, 400, nil, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
            ("?age__gt=x", confirmed, 400, nil, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
            ("?id=1&dry_run=maybe", confirmed, 400, nil, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
            ("?age__gt=25&dry_run=true", confirmed, 200, "2", ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
        ] as [(String, HTTPFields, Int, String?, [String])])
    func `DELETE removes the selected rows`(
        query: String, fields: HTTPFields, status: Int, affected: String?, rows: [String]
    ) async throws {
        let people = try BulkPeople()
        let answer = try await people.send(.delete, "/people\(query)", fields)
        #expect(answer.status == status)
        #expect(answer.fields[.bulkAffected] == affected)
        #expect(try await people.rows() == rows)
    }

    @Test(arguments: [
        (#"{"age": 99}"#, 204, ["1 99 Ann", "2 99 Bob", "3 40 Cid"]),
        ("{}", 204, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
        (#"{"age": "many"}"#, 400, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
        (#"{"joined": "x"}"#, 400, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
        (#"{"unknown": 1}"#, 400, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
        (#"{"email": "x@y"}"#, 400, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
        ("[]", 400, ["1 20 Ann", "2 30 Bob", "3 40 Cid"]),
    ])
    func `PATCH sets fields of the selected rows`(body: String, status: Int, rows: [String]) async throws {
        let people = try BulkPeople()
        let answer = try await people.send(.patch, "/people?team=a", confirmed, body: body)
        #expect(answer.status == status, "\(answer.text)")
        #expect(try await people.rows() == rows)
    }

    @Test func `More rows than Prefer allows are not changed`() async throws {
        let people = try BulkPeople()
        var fields = confirmed
        fields[.prefer] = "respond-async, max-affected=1"
        for target in ["/people?team=a", "/people?team=a&dry_run=true"] {
            let refused = try await people.send(.delete, target, fields)
            #expect(refused.status == 400)
            #expect(refused.text.hasSuffix(#","affected":2,"max_affected":1}"#))
        }
        #expect(try await people.rows().count == 3)
        let done = try await people.send(.delete, "/people?team=b", fields)
        #expect(done.status == 204)
        #expect(done.fields[.preferenceApplied] == "max-affected=1")
        fields[.prefer] = "max-affected=few"
        #expect(try await people.send(.delete, "/people?team=a", fields).status == 400)
        #expect(try await people.rows().count == 2)
    }

    @Test func `The rule selects rows, and they cannot leave them`() async throws {
        let people = try BulkPeople { exchange, action in
            if action.isReading { return .all }
            if action == .destroy { return .refused }
            return exchange.userID == nil ? .refused : .rows(PersonFields.team == "a")
        }
        #expect(try await people.send(.delete, "/people?id=1", confirmed, as: "anna").status == 403)
        #expect(try await people.send(.patch, "/people?id=1", confirmed, body: #"{"age": 1}"#).status == 401)
        let all = try await people.send(.patch, "/people", confirmedAll, body: #"{"age": 1}"#, as: "anna")
        #expect(all.fields[.bulkAffected] == "2")
        #expect(try await people.rows() == ["1 1 Ann", "2 1 Bob", "3 40 Cid"])
        let moving = try await people.send(.patch, "/people?id=1", confirmed, body: #"{"team": "b"}"#, as: "anna")
        #expect(moving.status == 400)
        #expect(moving.text.contains(#""team":["#))
    }

    @Test func `A write invalidates cached lists and rows`() async throws {
        let people = try BulkPeople()
        for _ in 0..<2 {
            #expect(try await people.send(.get, "/people").text.contains(#""count":3"#))
            #expect(try await people.send(.get, "/people/1").text.contains(#""age":20"#))
        }
        _ = try await people.send(.patch, "/people?team=a", confirmed, body: #"{"age": 21}"#)
        #expect(try await people.send(.get, "/people/1").text.contains(#""age":21"#))
        _ = try await people.send(.delete, "/people?team=a", confirmed)
        #expect(try await people.send(.get, "/people").text.contains(#""count":1"#))
        #expect(try await people.send(.get, "/people/1").status == 404)
    }

    @Test func `Hooks see the rows and the number of changed ones`() async throws {
        let calls = Mutex<[String]>([])
        let people = try BulkPeople(nil) { settings in
            settings.willWrite = { _, row, _ in
                calls.withLock { $0.append("will \(row?.value(row: 0, field: "age").map { "\($0)" } ?? "delete")") }
            }
            settings.didWrite = { count, _ in calls.withLock { $0.append("did \(count)") } }
        }
        _ = try await people.send(.patch, "/people?team=a", confirmed, body: #"{"age": 21}"#)
        _ = try await people.send(.delete, "/people?team=b&dry_run=true", confirmed)
        _ = try await people.send(.delete, "/people?team=b", confirmed)
        #expect(calls.withLock { $0 } == ["will 21", "did 2", "will delete", "did 1"])
    }

    @Test func `Without a guard no field is needed`() async throws {
        let people = try BulkPeople(nil) { $0.guarding.header = nil }
        #expect(try await people.send(.delete, "/people").status == 204)
        let original = try BulkPeople(nil) { $0 = .drf }
        #expect(try await original.send(.delete, "/people", confirmed).status == 204)
        #expect(try await original.rows().isEmpty)
    }

    @Test(
        arguments: [
            (HTTPRequest.Method.delete, nil, 400), (.delete, "true", 200), (.patch, "no", 400), (.get, nil, 200),
            (.post, nil, 200),
        ] as [(HTTPRequest.Method, String?, Int)])
    func `The middleware guards handlers by hand`(
        method: HTTPRequest.Method, value: String?, status: Int
    ) async throws {
        var request = HTTPRequest(method: method, scheme: "http", authority: "a", path: "/people")
        request.headerFields[.bulkOperation] = value
        let pipeline = Pipeline { BulkGuardMiddleware() }
        let reply = try await pipeline.respond(to: Exchange(request: request, route: Route(of: request))) { _ in
            Reply(status: .ok)
        }
        #expect(reply.status.code == status)
    }
}
