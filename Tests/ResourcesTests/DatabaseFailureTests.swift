#if Hummingbird
import HTTPTypes
import InMemoryLogging
import Logging
import PipelineTesting
import Repositories
import Testing

@testable import Resources

@Suite(.timeLimit(.minutes(1))) struct DatabaseFailureTests {
    private struct Failure: Error, CustomStringConvertible {
        var description: String { "no such column: secret" }
    }

    /// A database whose table has another column.
    private struct Failing: Repository {
        var error: any Error = Failure()
        var fields: FieldSet { CityFields.all }

        func rows(_ query: RowQuery) async throws -> RowBatch { throw error }
        func count(_ selection: Selection) async throws -> Int { throw Failure() }
        func apply(_ write: RowWrite) async throws -> WriteResult { throw Failure() }
        func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
            throw Failure()
        }
    }

    @Test(
        arguments: [
            (HTTPRequest.Method.get, "/cities", nil), (.get, "/cities/1", nil), (.delete, "/cities/1", nil),
            (.patch, "/cities/1", "{}"), (.post, "/cities", #"{"name": "A", "country_code": "AT"}"#),
        ] as [(HTTPRequest.Method, String, String?)])
    func `A failure of the database is a response without its text`(
        method: HTTPRequest.Method, path: String, body: String?
    ) async throws {
        try await withServer(of: Resource("cities", over: Failing())) { (client) async throws in
            let answer = try await client.send(method, path, body: body)
            #expect(answer.status == 500)
            #expect(answer.text == #"{"detail":"Internal server error."}"#)
        }
    }

    @Test func `A database that cannot be reached is a response with 503`() async throws {
        struct Unreachable: TransientError { let isTransient: Bool }
        for (error, status, retryAfter) in [
            (Unreachable(isTransient: true), 503, "1"), (.init(isTransient: false), 500, nil),
        ] {
            try await withServer(of: Resource("cities", over: Failing(error: error))) { (client) async throws in
                let answer = try await client.get("/cities/1")
                #expect(answer.status == status)
                #expect(answer.fields[.retryAfter] == retryAfter)
            }
        }
    }

    @Test func `A failure of the database is logged`() async throws {
        let handler = InMemoryLogHandler()
        let repository = LoggedRepository(Failing(), logger: Logger(label: "Resources") { _ in handler })
        await #expect(throws: DatabaseFailure.self) { try await repository.count(.all) }
        let entry = try #require(handler.entries.first)
        #expect(entry.level == .error)
        #expect(entry.message == "database operation failed")
        #expect(entry.metadata["error"] == "no such column: secret")
        #expect(entry.metadata["table"] == "cities")
    }

    @Test func `A client that accepts only problem details gets JSON where there is no problem`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.city()) { (client) async throws in
            let fields: HTTPFields = [.accept: "application/problem+json"]
            let found = try await client.get("/cities/1", fields)
            #expect(found.status == 200)
            #expect(found.fields[.contentType] == "application/json")
            let missing = try await client.get("/cities/99", fields)
            #expect(missing.status == 404)
            #expect(missing.fields[.contentType] == "application/problem+json")
            #expect(try await client.get("/cities/1", [.accept: "image/png"]).status == 406)
        }
    }
}
#endif
