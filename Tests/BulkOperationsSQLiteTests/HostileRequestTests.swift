#if GRDB
import BulkOperations
import GRDB
import HTTPTypes
import Repositories
import Resources
import TestSupport
import Testing

/// Requests of a client that looks for mistakes: all get a clear refusal.
@Suite struct HostileRequestTests {
    private static let unknownID = "0190163d-8694-739b-aea5-966c26f8ad91"

    @Test(
        arguments: [
            (.delete, "/people?team=a%27%3B%20DROP%20TABLE%20people%3B--", 204),
            (.delete, "/people?team%27%20OR%201%3D1--=a", 400), (.delete, "/people?%22team%22=a", 400),
            (.delete, "/people?team__foo=a", 400), (.delete, "/people?password=a", 400),
            (.post, "/people/upsert?unique_fields=email%27--", 400),
            (.post, "/people/upsert?unique_fields=version", 400),
            (.post, "/people/upsert?unique_fields=email&update_fields=version", 400),
            (.post, "/people/upsert?unique_fields=email&age=1", 400), (.post, "/people/operations?team=a", 400),
            (.post, "/people/operations?unique_fields=email", 400), (.post, "/people/operations?max_errors=-1", 400),
            (.post, "/people/operations?max_errors=9223372036854775808", 400),
            (.post, "/people/operations?delimiter=%00", 400), (.post, "/people/operations?columns=a", 400),
            (.patch, "/people/operations?unique_fields=email,email", 400),
            (.get, "/people/operations?ids=1%20OR%201", 400),
            (.get, "/people/operations?ids=99999999999999999999", 400),
            (.get, "/people/operations?page_size=1", 400), (.trace, "/people/operations", 405),
            (.get, "/people/upsert", 405), (.delete, "/people/upsert", 405),
        ] as [(HTTPRequest.Method, String, Int)])
    func `Parameters of bulk operations are checked`(method: HTTPRequest.Method, target: String, status: Int)
        async throws
    {
        let people = try OperationPeople()
        let before = try people.rows()
        let response = try await people.send(
            method, target, [.contentType: "application/json", HTTPField.Name("X-BULK-OPERATION")!: "true"],
            body: method == .delete ? "" : #"[{"email": "d@x.de"}]"#, as: "ann")
        // A text with SQL is the value of no row.
        #expect(response.status == status, "\(response.text)")
        #expect(response.status == 204 || !response.text.isEmpty)
        #expect(try people.rows() == before)
    }

    @Test(arguments: [
        (HTTPRequest.Method.post, "/people/operations"), (.post, "/people/upsert"), (.delete, "/people"),
    ]) func `A repeated parameter is refused`(method: HTTPRequest.Method, path: String) async throws {
        let people = try OperationPeople()
        let before = try people.rows()
        let name = path.hasSuffix("upsert") ? "atomic" : "dry_run"
        let response = try await people.send(
            method, "\(path)?\(name)=true&\(name)=false&unique_fields=email",
            [.contentType: "application/json", HTTPField.Name("X-BULK-OPERATION")!: "all"],
            body: method == .delete ? "" : #"[{"email": "d@x.de"}]"#)
        #expect(response.status == 400)
        #expect(
            response.text.contains("more than once") || response.text.contains("unique_fields"), "\(response.text)")
        #expect(try people.rows() == before)
    }

    @Test(arguments: [
        ("/operations?page_size=0", 400), ("/operations?page_size=101", 400), ("/operations?page_size=1e2", 400),
        ("/operations?page_size=99999999999999999999", 400), ("/operations?before=1", 400),
        ("/operations?before=\(unknownID)", 200), ("/operations?before=\(unknownID)%27", 400),
        ("/operations?status=uploading", 400), ("/operations?status=in_progress", 200),
        ("/operations?status=failed&status=completed", 400), ("/operations?status=%27", 400),
        ("/operations?user=bob", 400),
        ("/operations/\(unknownID)/status", 404), ("/operations/x/status", 404), ("/operations/%2e%2e/status", 404),
        ("/operations/\(unknownID.uppercased())/status", 404), ("/operations/\(unknownID)%00/results", 404),
        ("/operations/\(unknownID)/status?x=1", 400), ("/operations/\(unknownID)/results?outcome=all", 404),
    ]) func `Routes of operations refuse unknown parameters and identifiers`(target: String, status: Int) async throws {
        let people = try OperationPeople()
        for method in [HTTPRequest.Method.get, .head] {
            let response = try await people.send(method, target, as: "ann")
            #expect(response.status == status, "\(response.text)")
            #expect(response.text.isEmpty == (method == .head))
        }
    }

    @Test(arguments: [
        ("?outcome=all", "*/*", 400), ("?from=-1", "*/*", 400), ("?from=9223372036854775807", "*/*", 200),
        ("?from=9223372036854775808", "*/*", 400), ("?page_size=1001", "*/*", 400), ("?page_size=", "*/*", 400),
        ("", "image/png", 406), ("", "text/csv", 406), ("?format=csv", "*/*", 406), ("?format=exe", "*/*", 406),
        ("", "application/jsonl", 200), ("", "*/*;q=0", 406), ("", "text/csv, application/json;q=0.5", 200),
        ("?format=jsonl", "text/csv", 200),
    ]) func `Results have offered formats and pages`(query: String, accept: String, status: Int) async throws {
        let people = try OperationPeople()
        let accepted = JSONObject(
            try await people.send(.post, "/people/operations", body: #"[{"email": "d@x.de"}]"#, as: "ann").text)
        let id = try #require(accepted["task_id"] as? String)
        let response = try await people.send(.get, "/operations/\(id)/results\(query)", [.accept: accept], as: "ann")
        #expect(response.status == status, "\(response.text)")
        for user in ["bob", nil] {
            let other = try await people.send(.get, "/operations/\(id)/results", as: user)
            let unknown = try await people.send(.get, "/operations/\(Self.unknownID)/results", as: user)
            #expect(other.status == 404)
            #expect(other.text == unknown.text)
        }
    }

    @Test(arguments: ["/operations", "/operations/\(unknownID)/status", "/operations/\(unknownID)/results"])
    func `Other methods get 405, and OPTIONS the methods`(path: String) async throws {
        let people = try OperationPeople()
        let allow = path.hasSuffix("status") ? "DELETE, GET, HEAD, OPTIONS" : "GET, HEAD, OPTIONS"
        for method in [HTTPRequest.Method.post, .put, .patch, .trace, HTTPRequest.Method("QUERY")!] {
            let response = try await people.send(method, path, as: "ann")
            #expect(response.status == 405)
            #expect(response.fields[.allow] == allow)
        }
        let options = try await people.send(.options, path)
        #expect(options.status == 204)
        #expect(options.fields[.allow] == allow)
    }

    @Test(arguments: [
        "max-affected=x", "max-affected=", "max-affected=-1", "respond-async, max-affected=1.5", "max-affected",
        "max-affected=99999999999999999999",
    ]) func `A max-affected that is no number is refused`(prefer: String) async throws {
        let people = try OperationPeople()
        let response = try await people.send(
            .delete, "/people?team=a",
            [HTTPField.Name("X-BULK-OPERATION")!: "true", HTTPField.Name("Prefer")!: prefer])
        #expect(response.status == 400, "\(response.text)")
        #expect(try people.rows().count == 3)
    }

    @Test(arguments: [
        "wait=9223372036854775807, respond-async", "wait=-1", "wait=x", ";;,,=", "wait=0", "handling=other",
    ]) func `Other preferences do not fail requests`(prefer: String) async throws {
        let people = try OperationPeople()
        let response = try await people.send(
            .post, "/people/operations",
            [.contentType: "application/json", HTTPField.Name("Prefer")!: prefer], body: #"[{"email": "d@x.de"}]"#)
        #expect(response.status == 202, "\(response.text)")
    }

    @Test(
        arguments: [
            (.patch, "/people?team=a", #"{"age": 1}"#),
            (.post, "/people/upsert?unique_fields=email", #"{"email": "d@x.de"}"#),
            (HTTPRequest.Method("QUERY")!, "/people/operations", #"{"age": 1}"#),
        ] as [(HTTPRequest.Method, String, String)])
    func `Bodies must be JSON`(method: HTTPRequest.Method, target: String, body: String) async throws {
        let people = try OperationPeople()
        for type in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let response = try await people.send(
                method, target, [.contentType: type, HTTPField.Name("X-BULK-OPERATION")!: "true"], body: body)
            #expect(response.status == 415, "\(response.text)")
        }
    }

    @Test func `HEAD accepts no operation`() async throws {
        let people = try OperationPeople()
        #expect(try await people.send(.head, "/people/operations?team=a", as: "ann").status == 202)
        #expect(JSONObject(try await people.send(.get, "/operations", as: "ann").text)["results"] as? [String] == [])
    }

    @Test func `A key cannot be set in selected rows`() async throws {
        let people = try OperationPeople()
        let response = try await people.send(
            .patch, "/people?team=a", [.contentType: "application/json", HTTPField.Name("X-BULK-OPERATION")!: "true"],
            body: #"{"id": 9}"#)
        #expect(response.status == 400)
    }

    @Test func `Rows that others refer to stay`() async throws {
        let people = try OperationPeople()
        try await people.database.write { db in
            try db.execute(
                sql: "CREATE TABLE pets (owner INTEGER REFERENCES people(id)); INSERT INTO pets VALUES (2)")
        }
        let response = try await people.send(.delete, "/people?team=a", [HTTPField.Name("X-BULK-OPERATION")!: "true"])
        #expect(response.status == 409, "\(response.text)")
        #expect(try people.rows().count == 3)
    }

    @Test func `An update of an unknown row fails, whatever it sets`() async throws {
        let people = try OperationPeople(rule: { _, _ in
            .rows(PersonFields.team == "a" && PersonFields.age < 100)
        })
        let status = try await people.carryOut(
            .patch, "/people/operations",
            body: #"[{"id": 9, "team": "a"}, {"id": 9}, {"id": 1, "age": 21, "team": "a"}]"#)
        let errors = try #require(status.results("errors") as? [[String: Any]])
        #expect(errors.map { $0["code"] as? String } == ["not_found", "not_found"])
        #expect(status.result("updated_count") == 1)
    }

    @Test(arguments: [
        (HTTPRequest.Method.get, "/operations", ""),
        (.get, "/operations/0190163d-8694-739b-aea5-966c26f8ad91/status", ""),
        (.post, "/people/operations", "[{}]"), (.get, "/people/operations?team=a", ""),
    ]) func `A failure of the database is a response without its text`(
        method: HTTPRequest.Method, path: String, body: String
    ) async throws {
        let people = try OperationPeople()
        try await people.database.write { try $0.execute(sql: "ALTER TABLE bulk_operations RENAME TO lost") }
        let response = try await people.send(method, path, body: body, as: "ann")
        #expect(response.status == 500)
        #expect(response.text == #"{"detail":"Internal server error."}"#)
    }

    @Test func `A page of large items ends early`() async throws {
        let people = try OperationPeople()
        let large = String(repeating: "x", count: 1_500_000)
        let items = (0..<5).map { _ in #"{"email": "\#(large)"}"# }.joined(separator: ",")
        let id = try #require(
            try await people.carryOut(.post, "/people/operations", body: "[\(items)]", as: "ann")["task_id"] as? String)
        var target: String? = "/operations/\(id)/results?page_size=1000"
        var counts: [Int] = []
        while let page = target {
            let response = try await people.send(.get, page, as: "ann")
            #expect(response.text.utf8.count < 6_000_000)
            let object = JSONObject(response.text)
            counts.append((object["results"] as? [Any])?.count ?? 0)
            target = object["next"] as? String
        }
        #expect(counts == [3, 2])
    }
}
#endif
