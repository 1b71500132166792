#if GRDB
import BulkOperations
import HTTPTypes
import Repositories
import Resources
import ServiceLifecycle
import ServiceLifecycleTestKit
import TestSupport
import Testing

@Suite struct OperationEndpointTests {
    @Test func `Creates rows and reports failures`() async throws {
        let people = try OperationPeople()
        let body = #"[{"email": "d@x.de", "age": 5}, {"email": "a@x.de"}, {"email": "e@x.de", "age": -1}]"#
        let status = try await people.carryOut(.post, "/people/operations", body: body)
        #expect(status.state == "SUCCESS")
        #expect(status.result("success_count") == 1)
        #expect(status.result("error_count") == 2)
        #expect(status.result("total_items") == 3)
        #expect(status.results("created_ids") as? [Int] == [4])
        let errors = try #require(status.results("errors") as? [[String: Any]])
        #expect(errors.map { $0["code"] as? String } == ["duplicate", "invalid"])
        #expect(errors.map { $0["index"] as? Int } == [1, 2])
        #expect((errors[0]["data"] as? [String: String]) == ["email": "a@x.de"])
        #expect(try people.rows().count == 4)
    }

    @Test(
        arguments: [
            (
                .patch, "", #"[{"id": 1, "age": 21}, {"id": 9, "age": 1}]"#,
                ["1 a@x.de 21 a", "2 b@x.de 30 a", "3 c@x.de 40 b"]
            ),
            (.put, "", #"[{"id": 1, "email": "n@x.de"}]"#, ["1 n@x.de 0 a", "2 b@x.de 30 a", "3 c@x.de 40 b"]),
            (.delete, "", "[1, 3, 7]", ["2 b@x.de 30 a"]),
            (
                .patch, "?unique_fields=email", #"[{"email": "a@x.de", "age": 50}, {"email": "z@x.de"}]"#,
                ["1 a@x.de 50 a", "2 b@x.de 30 a", "3 c@x.de 40 b", "4 z@x.de 0 a"]
            ),
        ] as [(HTTPRequest.Method, String, String, [String])])
    func `Each method has its operation`(
        method: HTTPRequest.Method, query: String, body: String, rows: [String]
    ) async throws {
        let people = try OperationPeople()
        let status = try await people.carryOut(method, "/people/operations" + query, body: body)
        #expect(status.state == "SUCCESS", "\(status.members)")
        #expect(try people.rows() == rows)
    }

    @Test(arguments: [
        ("[{}", 400), ("[]", 400), ("", 400), ("{\"a\": 1", 400), ("[{\"email\": \"d@x.de\"}] x", 400),
    ]) func `What is not JSON is no operation`(body: String, code: Int) async throws {
        let people = try OperationPeople()
        let response = try await people.send(.post, "/people/operations", body: body, as: "ann")
        #expect(response.status == code, "\(response.text)")
        #expect(JSONObject(try await people.send(.get, "/operations", as: "ann").text)["results"] as? [String] == [])
    }

    @Test func `Dry run and atomic operations change nothing`() async throws {
        let people = try OperationPeople { $0.chunkItemCount = 2 }
        let before = try people.rows()
        let body = #"[{"email": "d@x.de"}, {"email": "e@x.de"}, {"email": "d@x.de"}, {"email": "f@x.de"}]"#
        let dry = try await people.carryOut(.post, "/people/operations?dry_run=true", body: body)
        #expect(dry.result("created_count") == 3)
        #expect(dry.result("error_count") == 1)
        #expect(try people.rows() == before)
        let strict = try await people.carryOut(.post, "/people/operations?atomic=true", body: body)
        #expect(strict.state == "FAILURE")
        #expect(strict["reason"] as? String == "atomic")
        #expect(strict.result("success_count") == 0)
        #expect(strict.result("unprocessed_count") == 3)
        #expect(try people.rows() == before)
        let run = try await people.carryOut(.post, "/people/operations", body: body)
        #expect(run.result("created_count") == 3)
        #expect(run.result("error_count") == 1)
    }

    @Test func `Other users do not see an operation`() async throws {
        let people = try OperationPeople()
        let accepted = JSONObject(
            try await people.send(.post, "/people/operations", body: #"[{"email": "d@x.de"}]"#, as: "ann").text)
        let path = try #require(accepted["status_url"] as? String)
        #expect(try await people.send(.get, path, as: "ann").status == 200)
        for user in ["bob", nil] {
            #expect(try await people.send(.get, path, as: user).status == 404)
            #expect(try await people.send(.delete, path, as: user).status == 404)
        }
        let cancelled = try await people.send(.delete, path, as: "ann")
        #expect(cancelled.status == 200, "\(cancelled.text)")
        #expect(try await people.send(.delete, path, as: "ann").status == 409)
        #expect(try await people.worker.carryOutNext() == false)
        #expect(try people.rows().count == 3)
        let unprocessed = try await people.send(
            .get, path.replacing("status", with: "results") + "?outcome=unprocessed", as: "ann")
        #expect(unprocessed.text.contains(#""data":{"email": "d@x.de"}"#), "\(unprocessed.text)")
    }

    @Test func `Rules restrict the rows of an operation`() async throws {
        let people = try OperationPeople(rule: { _, action in
            action.isReading ? .all : .rows(PersonFields.team == "a")
        })
        let status = try await people.carryOut(
            .patch, "/people/operations", body: #"[{"id": 1, "age": 1}, {"id": 3, "age": 1}, {"id": 2, "team": "b"}]"#)
        let errors = try #require(status.results("errors") as? [[String: Any]])
        #expect(errors.map { $0["index"] as? Int } == [1, 2])
        #expect(errors.allSatisfy { $0["code"] as? String == "not_found" })
        #expect(try people.rows() == ["1 a@x.de 1 a", "2 b@x.de 30 a", "3 c@x.de 40 b"])
    }

    @Test func `Reads few rows directly and many as an operation`() async throws {
        let people = try OperationPeople { $0.maximumDirectReadCount = 2 }
        let direct = try await people.send(.get, "/people/operations?ids=1,9")
        #expect(direct.status == 200)
        #expect(direct.text.hasPrefix(#"{"count":1,"results":[{"id":1,"#), "\(direct.text)")
        let status = try await people.carryOut(.get, "/people/operations?ids=1,2,3")
        #expect(status.result("count") == 3)
        let filtered = try await people.carryOut(
            .get, "/people/operations", body: #"{"filters": {"age": {"gte": 30}, "team": "a"}}"#)
        #expect(filtered.result("count") == 1, "\(filtered.members)")
        let accepted = try await people.send(.get, "/people/operations?team=b")
        #expect(accepted.text.contains(#""message":"Get task started for the rows that the filters select""#))
        let results = "/operations/\(try #require(filtered["task_id"] as? String))/results?outcome=succeeded"
        let page = try await people.send(.get, results)
        #expect(page.text == #"{"next":null,"results":[{"index":0,"outcome":"read","id":2,"data":null}]}"#)
        let lines = try await people.send(.get, results, [.accept: "application/jsonl"])
        #expect(lines.text == #"{"index":0,"outcome":"read","id":2,"data":null}"# + "\n")
        #expect(try await people.send(.get, "/people/operations").status == 400)
        let bounded = try OperationPeople { $0.maximumReadCount = 2 }
        #expect(try await bounded.send(.get, "/people/operations?age__gte=0").status == 413)
        #expect(try await people.send(.get, "/people/operations?ids=x").status == 400)
    }

    @Test func `A request can wait for its operation`() async throws {
        let people = try OperationPeople()
        var fields: HTTPFields = [.contentType: "application/json"]
        fields[HTTPField.Name("Prefer")!] = "wait=10"
        async let response = people.send(
            .post, "/people/operations", fields, body: #"[{"email": "d@x.de"}, {"email": "a@x.de"}]"#)
        while try await !people.worker.carryOutNext() { await Task.yield() }
        let ended = try await response
        #expect(ended.status == 207)
        #expect(ended.fields[HTTPField.Name("Bulk-Errors")!] == "1")
        #expect(JSONObject(ended.text).state == "SUCCESS")
    }

    @Test func `A read of absent rows succeeds`() async throws {
        let people = try OperationPeople { $0.maximumDirectReadCount = 1 }
        var fields: HTTPFields = [.contentType: "application/json"]
        fields[HTTPField.Name("Prefer")!] = "wait=10"
        async let response = people.send(.get, "/people/operations?ids=98,99", fields)
        while try await !people.worker.carryOutNext() { await Task.yield() }
        let ended = try await response
        #expect(ended.status == 200)
        #expect(JSONObject(ended.text).result("count") == 0)
    }

    @Test func `Progress is a stream of events`() async throws {
        let people = try OperationPeople { $0.progressInterval = .zero }
        let accepted = JSONObject(
            try await people.send(.post, "/people/operations", body: #"[{"email": "d@x.de"}]"#).text)
        while try await people.worker.carryOutNext() {}
        let path = try #require(accepted["status_url"] as? String)
        let stream = try await people.send(.get, path, [.accept: "text/event-stream"])
        #expect(stream.fields[.contentType] == "text/event-stream")
        #expect(stream.text.hasPrefix("event: end\nid: "), "\(stream.text)")
        #expect(stream.text.hasSuffix("}\n\n"))
    }

    @Test func `The older form of an upsert is accepted`() async throws {
        let people = try OperationPeople()
        let body = #"{"unique_fields": ["email"], "data": [{"email": "a@x.de", "age": 7}, {"email": "d@x.de"}]}"#
        let status = try await people.carryOut(.patch, "/people/operations", body: body)
        #expect(status.result("created_count") == 1)
        #expect(status.result("updated_count") == 1)
        let direct = try await people.send(.post, "/people/upsert", body: body.replacing("7", with: "8"))
        #expect(direct.status == 200, "\(direct.text)")
        #expect(try people.rows() == ["1 a@x.de 8 a", "2 b@x.de 30 a", "3 c@x.de 40 b", "4 d@x.de 0 a"])
        for wrong in [
            #"{"unique_fields": ["email"], "data": {}}"#, #"{"unique_fields": "email", "data": []}"#,
            #"{"unique_fields": ["email"], "data": []}"#,
        ] {
            #expect(try await people.send(.patch, "/people/operations", body: wrong).status == 400, "\(wrong)")
            #expect(try await people.send(.patch, "/people/upsert", body: wrong).status == 400, "\(wrong)")
        }
    }

    @Test func `The older form of an upsert has no items beside it`() async throws {
        let people = try OperationPeople { $0.chunkItemCount = 1 }
        let body = #"[{"unique_fields": ["email"], "data": [{"email": "d@x.de"}]}, {"email": "e@x.de"}]"#
        let response = try await people.send(.patch, "/people/operations", body: body)
        #expect(response.status == 400)
        #expect(response.text.contains("must be the whole body"), "\(response.text)")
        #expect(try await people.worker.carryOutNext() == false)
    }

    @Test func `Filters in a body select the rows of a deletion`() async throws {
        let people = try OperationPeople()
        let guarded: HTTPFields = [.bulkOperation: "true"]
        let blank = try await people.send(.delete, "/people", guarded, body: #"{"email": {"contains": ""}}"#)
        #expect(blank.status == 400)
        let none = try await people.send(.delete, "/people", guarded, body: "{}")
        #expect(none.status == 400)
        let unknown = try await people.send(.delete, "/people", guarded, body: #"{"\"; DROP TABLE people": 1}"#)
        #expect(unknown.status == 400)
        let deleted = try await people.send(.delete, "/people?team=a", guarded, body: #"{"age": {"gt": 20, "lt": 50}}"#)
        #expect(deleted.status == 204)
        #expect(deleted.fields[HTTPField.Name("Bulk-Affected")!] == "1")
        #expect(try people.rows() == ["1 a@x.de 20 a", "3 c@x.de 40 b"])
    }

    @Test func `A stream ends when the server shuts down`() async throws {
        let people = try OperationPeople()
        let accepted = JSONObject(
            try await people.send(.post, "/people/operations", body: #"[{"email": "d@x.de"}]"#).text)
        let path = try #require(accepted["status_url"] as? String)
        try await testGracefulShutdown { trigger in
            trigger.triggerGracefulShutdown()
            let stream = try await people.send(.get, path, [.accept: "text/event-stream"])
            #expect(stream.status == 200)
            #expect(!stream.text.contains("event: end"))
        }
    }
}
#endif
