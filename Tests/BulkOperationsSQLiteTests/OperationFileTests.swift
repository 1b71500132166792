#if GRDB
import Foundation
import GRDB
import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories
import TestSupport
import Testing

@testable import BulkOperations

@Suite struct OperationFileTests {
    private static let csv: HTTPFields = [.contentType: "text/csv"]

    @Test func `A file is imported in chunks`() async throws {
        let people = try OperationPeople { $0.chunkItemCount = 2 }
        let body = "email;age\r\nd@x.de;5\r\na@x.de;6\r\n\r\n\"e@x.de\";x\r\nf@x.de;7\r\n"
        let status = try await people.carryOut(.post, "/people/operations", Self.csv, body: body)
        #expect(status.state == "SUCCESS")
        #expect(status.result("created_count") == 2)
        let errors = try #require(status.results("errors") as? [[String: Any]])
        #expect(errors.map { $0["index"] as? Int } == [1, 2])
        #expect(errors.map { $0["line"] as? Int } == [3, 5])
        #expect(errors.map { $0["code"] as? String } == ["duplicate", "invalid"])
        #expect(errors[1]["data"] as? [String: String] == ["email": "e@x.de", "age": "x"])
    }

    @Test func `Failed rows can be mended and sent again`() async throws {
        let people = try OperationPeople { $0.chunkItemCount = 2 }
        let body = "email,age,name\nd@x.de,5,=1\na@x.de,6,\ne@x.de,x,E\n"
        let status = try await people.carryOut(.post, "/people/operations", Self.csv, body: body)
        let results = try #require(status["task_id"] as? String)
        let failed = try await people.send(.get, "/operations/\(results)/results", [.accept: "text/csv"])
        #expect(
            failed.text == """
                _line,_field,_error,email,age,name\r
                3,email,This field must be unique.,a@x.de,6,\r
                4,age,A valid integer is required.,e@x.de,x,E\r

                """)
        #expect(failed.fields[.contentDisposition]?.hasSuffix("-failed.csv\"") == true)
        let mended = failed.text.replacing("a@x.de", with: "g@x.de").replacing(",x,", with: ",8,")
        let again = try await people.carryOut(.post, "/people/operations?guarded=true", Self.csv, body: mended)
        #expect(again.result("error_count") == 0)
        #expect(try people.rows().suffix(2) == ["5 g@x.de 6 a", "6 e@x.de 8 a"])
        let succeeded = try await people.send(
            .get, "/operations/\(results)/results?outcome=succeeded", [.accept: "text/csv"])
        #expect(succeeded.text == "email,age,name\r\nd@x.de,5,'=1\r\n")
        let mendedID = try #require(again["task_id"] as? String)
        for (outcome, header) in [("failed", "_line,_field,_error,_line,"), ("unprocessed", "_line,")] {
            let empty = try await people.send(
                .get, "/operations/\(mendedID)/results?outcome=\(outcome)", [.accept: "text/csv"])
            #expect(empty.text.hasPrefix(header) && empty.text.utf8.count { $0 == 10 } == 1, "\(empty.text)")
            let page = try await people.send(.get, "/operations/\(mendedID)/results?outcome=\(outcome)")
            #expect(page.text == #"{"next":null,"results":[]}"#)
        }
        let page = try await people.send(.get, "/operations/\(results)/results?page_size=1")
        #expect(page.fields[HTTPField.Name("Link")!]?.contains("from=2") == true)
    }

    @Test func `Formulas in a file of failed rows are as they were`() async throws {
        let people = try OperationPeople()
        let body = "email,age,name\nd@x.de,x,=1\ne@x.de,x,'=2\n"
        let status = try await people.carryOut(.post, "/people/operations", Self.csv, body: body)
        let results = "/operations/\(try #require(status["task_id"] as? String))/results"
        let failed = try await people.send(.get, results, [.accept: "text/csv"])
        #expect(failed.text.contains("d@x.de,x,'=1\r\n"), "\(failed.text)")
        // Twice: the second file has the columns of failures twice.
        let unchanged = try await people.carryOut(.post, "/people/operations", Self.csv, body: failed.text)
        #expect(unchanged.result("error_count") == 2)
        let again = "/operations/\(try #require(unchanged["task_id"] as? String))/results"
        let mended = try await people.send(.get, again, [.accept: "text/csv"]).text.replacing(",x,", with: ",8,")
        let last = try await people.carryOut(.post, "/people/operations", Self.csv, body: mended)
        #expect(last.result("created_count") == 2, "\(mended)")
        let names = try await people.database.read { db in
            try String.fetchAll(db, sql: "SELECT name FROM people WHERE age = 8 ORDER BY id")
        }
        #expect(names == ["=1", "'=2"])
    }

    @Test(
        arguments: [
            (BulkOperation.State.completed, nil, 0, 200), (.completed, nil, 1, 207), (.cancelled, nil, 0, 200),
            (.failed, .tooManyErrors, 1, 207), (.failed, .database, 0, 500),
        ] as [(BulkOperation.State, BulkOperation.Reason?, Int, Int)])
    func `The end of an operation has a status`(
        state: BulkOperation.State, reason: BulkOperation.Reason?, failed: Int, status: Int
    ) throws {
        let people = try OperationPeople()
        let request = OperationRequest(.create, of: "people")
        var operation = BulkOperation(
            OperationID(at: .init(nanoseconds: 0)), request, state: state, createdAt: .init(nanoseconds: 0))
        operation.reason = reason
        (operation.counts.created, operation.counts.failed) = (1, failed)
        #expect(OperationSubmission(operations: people.operations).status(of: operation).code == status)
    }

    @Test func `A file whose operation expires while it is sent does not end`() async throws {
        let people = try OperationPeople()
        let status = try await people.carryOut(.post, "/people/operations", Self.csv, body: "email,age\na@x,x\n")
        let id = try #require(OperationID(status["task_id"] as? String ?? ""))
        let operation = try #require(try await people.operations.queue.operation(id))
        let request = HTTPRequest(
            method: .get, scheme: nil, authority: nil, path: "/results", headerFields: [.accept: "text/csv"])
        let reply = try await OperationResults(people.operations, operation).reply(to: Exchange(request: request))
        try await people.database.write { try $0.execute(sql: "DELETE FROM bulk_operations") }
        await #expect(throws: OperationExpired.self) { try await reply.body.collect(upTo: 1 << 20) }
    }

    @Test(arguments: [
        ("email\n", 400, "no valid data rows"), ("nme\na\n", 400, "Unknown column"), ("", 400, "no valid data rows"),
        ("email,email\na,b\n", 400, "Two columns"),
    ]) func `A file that cannot be read is no operation`(body: String, code: Int, text: String) async throws {
        let people = try OperationPeople()
        let response = try await people.send(.post, "/people/operations", Self.csv, body: body)
        #expect(response.status == code)
        #expect(response.text.contains(text), "\(response.text)")
        #expect(try await people.worker.carryOutNext() == false)
    }

    @Test func `A form has the file and the fields of an upsert`() async throws {
        let people = try OperationPeople()
        let form = """
            --b\r
            Content-Disposition: form-data; name="unique_fields"\r
            \r
            email\r
            --b\r
            Content-Disposition: form-data; name="file"; filename="people.csv"\r
            Content-Type: text/csv\r
            \r
            email,age
            a@x.de,9
            z@x.de,1
            \r
            --b--\r

            """
        let type: HTTPFields = [.contentType: "multipart/form-data; boundary=b"]
        let accepted = try await people.send(.patch, "/people/operations", type, body: form)
        #expect(accepted.status == 202)
        #expect(
            accepted.text.contains(#""message":"Upsert task started from CSV 'people.csv' with 2 rows""#),
            "\(accepted.text)")
        while try await people.worker.carryOutNext() {}
        #expect(try people.rows().first == "1 a@x.de 9 a")
        #expect(try people.rows().last == "4 z@x.de 1 a")
    }

    @Test(arguments: ["unique_fields", "update_fields"], [true, false])
    func `A form field after the file is refused`(name: String, inOnePiece: Bool) async throws {
        let people = try OperationPeople()
        let file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\n\r\nid,age\n1,9\n"
        let field = "\r\n--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\nid\r\n--b--\r\n"
        let stream = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            for part in inOnePiece ? [file + field] : [file, field] { continuation.yield(ByteBuffer(string: part)) }
            continuation.finish()
        }
        let type: HTTPFields = [.contentType: "multipart/form-data; boundary=b"]
        let response = try await people.send(
            .patch, "/people/operations", type, bytes: HTTPPipeline.RequestBody(.stream(stream)))
        #expect(response.status == 400)
        #expect(response.text.contains("The form field \(name) must come before the file."), "\(response.text)")
        #expect(try await people.worker.carryOutNext() == false)
    }

    @Test(arguments: [true, false]) func `Other form fields are refused`(isFirst: Bool) async throws {
        let people = try OperationPeople()
        let file =
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\n\r\n"
            + "email\nd@x.de\n\r\n"
        let field = "--b\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n"
        let type: HTTPFields = [.contentType: "multipart/form-data; boundary=b"]
        let body = (isFirst ? field + file : file + field) + "--b--\r\n"
        let response = try await people.send(.post, "/people/operations", type, body: body)
        #expect(response.status == 400)
        #expect(response.text.contains("Unknown form field: dry_run."), "\(response.text)")
        #expect(try await people.worker.carryOutNext() == false)
    }

    @Test func `Items have expected versions`() async throws {
        let people = try OperationPeople()
        let status = try await people.carryOut(
            .patch, "/people/operations", Self.csv, body: "id,age,_version\n1,50,1\n2,50,9\n3,50,\n")
        #expect(try people.rows() == ["1 a@x.de 50 a", "2 b@x.de 30 a", "3 c@x.de 50 b"])
        let errors = try #require(status.results("errors") as? [[String: Any]])
        #expect(errors.map { $0["code"] as? String } == ["conflict"])
    }

    @Test func `Too many items and too many errors end an operation`() async throws {
        let people = try OperationPeople {
            $0.chunkItemCount = 1
            $0.maximumItemCount = 3
        }
        let many = try await people.send(
            .post, "/people/operations", Self.csv, body: "email\nd@x.de\ne@x.de\nf@x.de\ng@x.de\n")
        #expect(many.status == 413)
        #expect(many.text.contains(#""limit":3,"unit":"items""#), "\(many.text)")
        let status = try await people.carryOut(
            .post, "/people/operations?max_errors=0", Self.csv, body: "email\nd@x.de\na@x.de\nf@x.de\n")
        #expect(status.state == "FAILURE")
        #expect(status["reason"] as? String == "too_many_errors")
        #expect(status.result("success_count") == 1)
        #expect(status.result("unprocessed_count") == 1)
    }

    @Test func `A repeated request has the operation of the first`() async throws {
        let people = try OperationPeople()
        var fields = Self.csv
        fields[.idempotencyKey] = "\"one\""
        let body = "email\nd@x.de\n"
        let first = try await people.send(.post, "/people/operations", fields, body: body, as: "ann")
        let again = try await people.send(.post, "/people/operations", fields, body: body, as: "ann")
        #expect(again.status == 202)
        #expect(again.text == first.text)
        #expect(again.fields[.idempotentReplayed] == "true")
        let other = try await people.send(.post, "/people/operations", fields, body: body + "e@x.de\n", as: "ann")
        #expect(other.status == 422)
        fields[HTTPField.Name("Prefer")!] = "handling=strict"
        let strict = try await people.send(.post, "/people/operations", fields, body: body, as: "ann")
        #expect(strict.status == 422)
        fields[HTTPField.Name("Prefer")!] = nil
        let bob = try await people.send(.post, "/people/operations", fields, body: body, as: "bob")
        #expect(bob.fields[.idempotentReplayed] == nil)
    }
}
#endif
