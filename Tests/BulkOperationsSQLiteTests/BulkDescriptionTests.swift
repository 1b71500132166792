#if GRDB
import BulkOperations
import BulkOperationsSQLite
import Foundation
import HTTPPipeline
import HTTPTypes
import Repositories
import Resources
import TestSupport
import Testing

@Suite struct BulkDescriptionTests {
    private let people: OperationPeople
    private let paths: [String: [String: Any]]
    private let components: [String: [String: Any]]

    init() throws {
        people = try OperationPeople(rule: { exchange, action in
            action.isReading || exchange.userID != nil ? .all : .refused
        })
        let document = JSONObject(
            OpenAPIDocument(title: "People", version: "1", people.resource, people.operations).json)
        paths = try #require(document["paths"] as? [String: [String: Any]])
        components = try #require(document["components"] as? [String: [String: Any]])
    }

    private func operation(_ path: String, _ method: String) throws -> [String: Any] {
        try #require(paths[path]?[method] as? [String: Any])
    }

    @Test func `Every route is described, and every description has a route`() async throws {
        let methods = ["get", "post", "put", "patch", "delete", "head"]
        var described = Set(
            paths.flatMap { path, item in item.keys.filter(methods.contains).map { "\($0) \(path)" } })
        for route in people.resource.routes + people.operations.routes where route.method.rawValue != "QUERY" {
            let path = route.template.replacing("{id}", with: "1")
            let status = try await people.send(route.method, path, body: "[]", as: "ann").status
            let name = "\(route.method.rawValue.lowercased()) \(route.template)"
            guard ![.options, .trace].contains(route.method) else { continue }
            #expect(described.contains(name) == (status != 405), "\(name) \(status)")
            described.remove(name)
        }
        #expect(described.isEmpty)
    }

    @Test(arguments: [
        ("/people", "delete", ["200", "204", "400", "401", "403", "404", "409", "500", "503"]),
        ("/people", "patch", ["200", "204", "400", "401", "403", "404", "413", "415", "500", "503"]),
        ("/people/upsert", "post", ["200", "207", "400", "401", "403", "404", "413", "415", "500", "503"]),
        ("/people/operations", "get", ["200", "202", "400", "401", "403", "404", "413", "429", "500", "503"]),
        (
            "/people/operations", "patch",
            ["200", "202", "207", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"]
        ),
        ("/people/operations", "head", ["200", "202", "401", "429", "4XX", "503"]),
        ("/operations", "get", ["200", "400", "401", "500", "503"]), ("/operations", "options", ["204"]),
        ("/operations/{id}/status", "get", ["200", "400", "404", "500", "503"]),
        ("/operations/{id}/status", "delete", ["200", "202", "400", "404", "409", "500", "503"]),
        ("/operations/{id}/results", "get", ["200", "400", "404", "406", "500", "503"]),
    ]) func `All statuses are described`(path: String, method: String, statuses: [String]) throws {
        #expect(try #require(operation(path, method)["responses"] as? [String: Any]).keys.sorted() == statuses)
    }

    @Test(arguments: [
        ("/people", "delete", ["dry_run", "Prefer", "X-BULK-OPERATION"]),
        ("/people/upsert", "put", ["unique_fields", "update_fields", "atomic", "Prefer"]),
        ("/people/operations", "get", ["ids", "Prefer"]),
        (
            "/people/operations", "post",
            [
                "atomic", "dry_run", "max_errors", "delimiter", "empty", "null", "decimal", "unknown", "quotes",
                "guarded", "columns", "Prefer", "Idempotency-Key",
            ]
        ),
        ("/operations", "get", ["page_size", "status", "before"]),
        ("/operations/{id}/status", "get", ["Last-Event-ID"]),
        ("/operations/{id}/results", "get", ["outcome", "format", "page_size", "from"]),
    ]) func `Parameters are described`(path: String, method: String, names: [String]) throws {
        let references = try #require(operation(path, method)["parameters"] as? [[String: String]])
        let parts = try references.map { reference in
            let name = try #require(reference["$ref"]).replacing("#/components/parameters/", with: "")
            return try #require((components["parameters"]?[name] as? [String: Any])?["name"] as? String)
        }
        let filters = Set(PersonFields.all.fields.map(\.name) + ["ordering"])
        #expect(
            parts.filter { !filters.contains($0.split(separator: "_", maxSplits: 1).first.map(String.init) ?? "") }
                == names)
    }

    @Test func `Limits and media types are those of the settings`() throws {
        let body = try #require(operation("/people/operations", "post")["requestBody"] as? [String: Any])
        #expect(body["x-max-bytes"] as? Int == people.operations.settings.maximumUploadByteCount)
        let content = try #require(body["content"] as? [String: [String: Any]])
        #expect(
            content.keys.sorted() == [
                "application/json", "application/jsonl", "application/jsonlines", "application/x-jsonlines",
                "application/x-ndjson", "multipart/form-data", "text/csv",
            ])
        let schema = content["application/json"]?["schema"] as? [String: Any]
        #expect(schema?["maxItems"] as? Int == people.operations.settings.maximumItemCount)
        #expect((schema?["items"] as? [String: String])?["$ref"] == "#/components/schemas/people.create")
        let upsert = try #require(components["schemas"]?["people.upsert"] as? [String: Any])
        let properties = try #require(upsert["properties"] as? [String: Any])
        #expect(properties.keys.sorted() == ["age", "email", "id", "name", "team"])
    }

    @Test func `The example of results that are not acceptable is what a request gets`() async throws {
        let accepted = JSONObject(
            try await people.send(.post, "/people/operations", body: #"[{"email": "d@x.de"}]"#, as: "ann").text)
        let id = try #require(accepted["task_id"] as? String)
        let refused = try await people.send(.get, "/operations/\(id)/results", [.accept: "text/csv"], as: "ann")
        let responses = try #require(operation("/operations/{id}/results", "get")["responses"] as? [String: Any])
        let content = try #require((responses["406"] as? [String: Any])?["content"] as? [String: Any])
        let problem = try #require(content["application/problem+json"] as? [String: Any])
        let example = try #require(problem["example"] as? [String: Any])
        #expect(example["detail"] as? String == JSONObject(refused.text)["detail"] as? String)
        #expect(example["status"] as? Int == refused.status)
    }

    @Test func `Responses have the members of their schemas`() async throws {
        let body = #"[{"email": "d@x.de"}, {"email": "a@x.de"}]"#
        let accepted = JSONObject(try await people.send(.post, "/people/operations", body: body, as: "ann").text)
        try expect(accepted.members, "OperationAccepted")
        let id = try #require(accepted["task_id"] as? String)
        try expect(try await people.status(id, as: "ann").members, "OperationStatus")
        while try await people.worker.carryOutNext() {}
        let status = try await people.status(id, as: "ann")
        try expect(status.members, "OperationStatus")
        try expect(try #require(status["result"] as? [String: Any]), "OperationResult")
        try expect(try #require(status["progress"] as? [String: Any]), "OperationProgress")
        let list = JSONObject(try await people.send(.get, "/operations", as: "ann").text)
        try expect(try #require((list["results"] as? [[String: Any]])?.first), "OperationEntry")
        for outcome in ["failed", "succeeded"] {
            let page = JSONObject(
                try await people.send(.get, "/operations/\(id)/results?outcome=\(outcome)", as: "ann").text)
            try expect(try #require((page["results"] as? [[String: Any]])?.first), "OperationItem")
        }
        let upsert = try await people.send(.post, "/people/upsert?unique_fields=email", body: body, as: "ann")
        try expect(JSONObject(upsert.text).members, "UpsertReport")
    }

    /// Checks that an object has the required members of a schema, and no unknown ones.
    private func expect(_ object: [String: Any], _ name: String, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let schema = try #require(components["schemas"]?[name] as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: Any])
        let required = try #require(schema["required"] as? [String])
        #expect(Set(required).subtracting(object.keys).isEmpty, "\(name)", sourceLocation: sourceLocation)
        #expect(Set(object.keys).subtracting(properties.keys).isEmpty, "\(name)", sourceLocation: sourceLocation)
    }
}
#endif
