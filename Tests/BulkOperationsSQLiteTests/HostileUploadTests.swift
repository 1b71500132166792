#if GRDB
import BulkOperations
import GRDB
import HTTPPipeline
import HTTPTypes
import NIOCore
import TestSupport
import Testing

/// Uploads of clients that want to harm the server.
@Suite struct HostileUploadTests {
    private static let json: HTTPFields = [.contentType: "application/json"]
    private static let csv: HTTPFields = [.contentType: "text/csv"]
    private static let form: HTTPFields = [.contentType: "multipart/form-data; boundary=b"]

    @Test(arguments: [
        ("a cell of 10 MB", Self.csv, "email,name\nd@x.de,\(String(repeating: "x", count: 10 << 20))\n", 202),
        ("100,000 columns", Self.csv, String(repeating: "c,", count: 100_000) + "\n1\n", 413),
        ("deep JSON", Self.json, String(repeating: "[", count: 10_000), 400),
        ("a deep item", Self.json, #"[{"email": "# + String(repeating: #"{"a":"#, count: 10_000), 400),
        ("a form without an end", Self.form, "--b\r\n" + String(repeating: "X: y\r\n", count: 20_000), 413),
        ("a form without a file", Self.form, "--b--\r\n", 400),
        ("SQL in a column", Self.csv, "email,\"x'); DROP TABLE people; --\"\nd@x.de,1\n", 400),
        ("SQL in a member", Self.json, ##"[{"email": "d@x.de", "x\"); DROP TABLE people; --": 1}]"##, 202),
        ("an unclosed text", Self.json, #"[{"email": ""# + String(repeating: "x", count: 3 << 20), 400),
    ]) func `A hostile body is refused or fails by itself`(
        name: String, fields: HTTPFields, body: String, code: Int
    ) async throws {
        let people = try OperationPeople()
        let response = try await people.send(.post, "/people/operations", fields, body: body)
        #expect(response.status == code, "\(name): \(response.text.prefix(300))")
        #expect(response.text.utf8.count < 20_000)
        while try await people.worker.carryOutNext() {}
        #expect(try people.rows().count == 3)
    }

    @Test func `An upload that breaks off is no operation`() async throws {
        let people = try OperationPeople { $0.chunkItemCount = 1 }
        let stream = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            continuation.yield(ByteBuffer(string: "email\nd@x.de\ne@x.de\nf@"))
            continuation.finish(throwing: CancellationError())
        }
        await #expect(throws: CancellationError.self) {
            try await people.send(.post, "/people/operations", Self.csv, bytes: RequestBody(.stream(stream)), as: "ann")
        }
        let list = try await people.send(.get, "/operations", as: "ann")
        #expect(list.text == #"{"next":null,"results":[]}"#)
        let count = try await people.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM bulk_chunks") }
        #expect(count == 0)
    }

    @Test func `A user has a limited number of operations`() async throws {
        var settings = BulkQueueSettings()
        settings.maximumOperationCount = 1
        let people = try OperationPeople(queue: settings)
        let body = "email\nd@x.de\n"
        #expect(try await people.send(.post, "/people/operations", Self.csv, body: body, as: "ann").status == 202)
        let refused = try await people.send(.post, "/people/operations", Self.csv, body: body, as: "ann")
        #expect(refused.status == 429)
        #expect(refused.fields[.retryAfter] == "10")
        #expect(refused.text.contains(#""limit":1"#))
        #expect(try await people.send(.post, "/people/operations", Self.csv, body: body, as: "bob").status == 202)
    }

    @Test func `The items of a user have a limited number of bytes`() async throws {
        var settings = BulkQueueSettings()
        settings.maximumByteCount = 5
        let people = try OperationPeople(queue: settings)
        let body = "email\nd@x.de\n"
        #expect(try await people.send(.post, "/people/operations", Self.csv, body: body, as: "ann").status == 202)
        let refused = try await people.send(.post, "/people/operations", Self.csv, body: body, as: "ann")
        #expect(refused.status == 429)
        #expect(refused.text.contains(#""limit":5,"unit":"bytes""#), "\(refused.text)")
        #expect(try await people.send(.post, "/people/operations", Self.csv, body: body, as: "bob").status == 202)
    }
}
#endif
