#if GRDB
import BulkOperations
import GRDB
import PipelineTesting
import Repositories
import RepositoriesSQLite
import Synchronization
import Testing

/// A repository whose first reads fail.
private final class FailingReads: RepositoryWrapper {
    let wrapped: any Repository
    private let error: DatabaseError
    private let failureCount: Mutex<Int>

    init(_ base: any Repository, _ count: Int, _ code: ResultCode) {
        (wrapped, error) = (base, DatabaseError(resultCode: code))
        failureCount = Mutex(count)
    }

    var fields: FieldSet { wrapped.fields }

    func rows(_ query: RowQuery) async throws -> RowBatch {
        let fails = failureCount.withLock { count in
            count -= 1
            return count >= 0
        }
        if fails { throw error }
        return try await wrapped.rows(query)
    }

    func count(_ selection: Repositories.Selection) async throws -> Int { try await wrapped.count(selection) }

    func apply(_ write: RowWrite) async throws -> WriteResult { try await wrapped.apply(write) }

    func applyAll(
        _ selection: Repositories.Selection, setting row: RowBatch?, limit maximum: Int?
    ) async throws -> Int {
        try await wrapped.applyAll(selection, setting: row, limit: maximum)
    }
}

/// What a worker does with the items of each kind of operation.
@Suite struct OperationWorkerTests {
    @Test func `Creates rows`() async throws {
        let people = try QueuedPeople()
        let outcomes = try await people.outcomes(
            .create,
            [
                [#"{"email": "dan@x"}"#, #"{"email": "ann@x"}"#, #"{"email": 1}"#, #"{"email": "eve@x", "rank": 1}"#],
                [#""text""#, #"{"email": "eve@x", "age": 7, "team": "c"}"#, #"{"email": "dan@x"}"#, "{}"],
            ])
        #expect(
            outcomes == [
                "0 created 4", "1 duplicate email", "2 invalid email", "3 invalid rank", "4 invalid -", "5 created 5",
                "6 duplicate email", "7 invalid email",
            ])
        #expect(try await people.rows().suffix(2) == ["4 dan@x  0 a", "5 eve@x  7 c"])
    }

    @Test func `Updates rows`() async throws {
        let people = try QueuedPeople()
        let outcomes = try await people.outcomes(
            .update,
            [
                [
                    #"{"id": 1, "age": 21}"#, #"{"id": 9, "age": 1}"#, #"{"age": 2}"#, #"{"id": 2, "age": -1}"#,
                    #"{"id": 2, "email": "ann@x"}"#, #"{"id": 3, "name": null}"#, #"{"id": 3, "name": "C", "age": 5}"#,
                ]
            ])
        #expect(
            outcomes == [
                "0 updated 1", "1 not_found -", "2 invalid id", "3 invalid age", "4 duplicate email", "5 invalid name",
                "6 updated 3",
            ])
        #expect(try await people.rows() == ["1 ann@x Ann 21 a", "2 bob@x Bob 30 a", "3 cid@x C 5 b"])
    }

    @Test func `Replaces rows`() async throws {
        let people = try QueuedPeople()
        let outcomes = try await people.outcomes(
            .replace, [[#"{"id": 1, "email": "new@x"}"#, #"{"id": 2}"#, #"{"id": 9, "email": "new2@x"}"#]])
        #expect(outcomes == ["0 updated 1", "1 invalid email", "2 not_found -"])
        #expect(try await people.rows().first == "1 new@x  0 a")
    }

    @Test func `Deletes rows`() async throws {
        let people = try QueuedPeople()
        let outcomes = try await people.outcomes(.delete, [["1", #"{"id": 2}"#, "1", #""x""#, "{}"], ["9"]])
        #expect(
            outcomes == [
                "0 deleted 1", "1 deleted 2", "2 not_found -", "3 invalid id", "4 invalid id", "5 not_found -",
            ])
        #expect(try await people.rows() == ["3 cid@x Cid 40 b"])
    }

    @Test func `Upserts rows`() async throws {
        let people = try QueuedPeople()
        let outcomes = try await people.outcomes(
            .upsert(uniqueBy: ["email"], updating: nil),
            [
                [
                    #"{"email": "ann@x", "age": 21}"#, #"{"email": "bob@x", "age": 30}"#,
                    #"{"email": "dan@x", "age": 1}"#,
                    #"{"email": "dan@x", "name": "Dan"}"#, #"{"age": 3}"#, #"{"email": "x"}"#,
                ],
                [#"{"age": 3}"#, #"{"name": "Eve"}"#],
            ])
        #expect(
            outcomes == [
                "0 updated 1", "1 unchanged 2", "2 created 4", "3 updated 4", "4 invalid email", "5 invalid email",
                "6 invalid email", "7 invalid email",
            ])
        #expect(try await people.rows().last == "4 dan@x Dan 1 a")
    }

    @Test func `Updates given fields of an upsert only`() async throws {
        let people = try QueuedPeople()
        let kind = OperationRequest.Kind.upsert(uniqueBy: ["email"], updating: ["age", "name"])
        let items = [#"{"email": "ann@x", "age": 21, "team": "z"}"#, #"{"email": "bob@x", "team": "z"}"#]
        #expect(try await people.outcomes(kind, [items]) == ["0 updated 1", "1 unchanged 2"])
        #expect(try await people.rows().first == "1 ann@x Ann 21 a")
    }

    @Test func `Reads rows`() async throws {
        let people = try QueuedPeople()
        let id = try await people.submit(.get, [["3", "9", #""x""#], ["1"]])
        while try await people.worker.carryOutNext() {}
        #expect(try await people.outcomes(of: id) == ["0 read 3", "1 not_found -", "2 invalid id", "3 read 1"])
        var query = PartQuery(of: id)
        query.limit = 2
        let rows = try await people.queue.parts(query).map { $0.outcome?.rows }
        #expect(
            rows == [
                #"[{"id":3,"email":"cid@x","name":"Cid","age":40,"team":"b"}]"#,
                #"[{"id":1,"email":"ann@x","name":"Ann","age":20,"team":"a"}]"#,
            ])
        #expect(people.invalidationCount == 0, "reading invalidates nothing")
        let all = try await people.outcomes(.get, [[]]) { $0.scope = QueuedPeople.Fields.team == "a" }
        #expect(all == ["0 read 1", "1 read 2"])
    }

    @Test(arguments: [(ResultCode.SQLITE_FULL, "0 read 3"), (.SQLITE_ERROR, "0 poison -")])
    func `Reads rows after an outage of the database`(code: ResultCode, outcome: String) async throws {
        let people = try QueuedPeople(wrapping: { FailingReads($0, 10, code) })
        let id = try await people.submit(.get, [["3"]])
        for _ in 0..<12 {
            _ = try await people.worker.carryOutNext()
            people.time.advance(by: .seconds(60))
        }
        #expect(try await people.outcomes(of: id) == [outcome])
    }

    @Test func `Finds no rows outside of the scope`() async throws {
        let people = try QueuedPeople()
        func outcomes(_ kind: OperationRequest.Kind, _ items: [String]) async throws -> [String] {
            try await people.outcomes(kind, [items]) { $0.scope = QueuedPeople.Fields.team == "a" }
        }
        #expect(try await outcomes(.get, ["1", "3"]) == ["0 read 1", "1 not_found -"])
        let updates = [#"{"id": 3, "age": 1}"#, #"{"id": 1, "team": "b"}"#, #"{"id": 1, "age": 1}"#]
        #expect(try await outcomes(.update, updates) == ["0 not_found -", "1 not_found -", "2 updated 1"])
        #expect(try await outcomes(.replace, [#"{"id": 3, "email": "z@x"}"#]) == ["0 not_found -"])
        let new = [#"{"email": "d@x", "team": "b"}"#, #"{"email": "e@x"}"#]
        #expect(try await outcomes(.create, new) == ["0 not_found -", "1 created 4"])
        let upserts = [#"{"email": "cid@x", "age": 1}"#, #"{"email": "f@x", "team": "b"}"#]
        #expect(
            try await outcomes(.upsert(uniqueBy: ["email"], updating: nil), upserts)
                == ["0 not_found -", "1 not_found -"])
        #expect(try await outcomes(.delete, ["3", "4"]) == ["0 not_found -", "1 deleted 4"])
        #expect(try await people.rows() == ["1 ann@x Ann 1 a", "2 bob@x Bob 30 a", "3 cid@x Cid 40 b"])
    }

    @Test func `Gives rows the values of the path`() async throws {
        let people = try QueuedPeople()
        let items = [#"{"email": "d@x"}"#, #"{"email": "e@x", "team": "z"}"#, #"{"email": "f@x", "team": "q"}"#]
        #expect(
            try await people.outcomes(.create, [items]) { $0.bound = ["team": "q"] }
                == ["0 created 4", "1 invalid team", "2 created 5"])
        #expect(try await people.rows().suffix(2) == ["4 d@x  0 q", "5 f@x  0 q"])
        let deleted = try await people.outcomes(.delete, [["4", "1"]]) {
            $0.bound = ["team": "q"]
            $0.scope = QueuedPeople.Fields.team == "q"
        }
        #expect(deleted == ["0 deleted 4", "1 not_found -"])
    }

    @Test(arguments: [1, 2, 100]) func `Writes in batches`(count: Int) async throws {
        let people = try QueuedPeople { $0.batchItemCount = count }
        let items = (0..<5).map { #"{"email": "new\#($0 % 4)@x", "name": "\#($0)"}"# }
        let outcomes = try await people.outcomes(.create, [items])
        #expect(outcomes == ["0 created 4", "1 created 5", "2 created 6", "3 created 7", "4 duplicate email"])
    }
}
#endif
