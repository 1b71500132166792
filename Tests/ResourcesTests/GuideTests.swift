#if Hummingbird && GRDB
import CacheMiddleware
import Foundation
import GRDB
import HTTPTypes
import Testing

@testable import Resources

/// The statements of the guides of Resources.
@Suite(.timeLimit(.minutes(2))) struct GuideTests {
    /// A request of a guide's table, and what its response has.
    struct Row: Sendable, CustomTestStringConvertible {
        var method: HTTPRequest.Method
        var path: String
        var user: String?
        var fields: HTTPFields = [:]
        var body: String?
        var status: Int
        var text: String

        init(
            _ method: HTTPRequest.Method, _ path: String, as user: String? = nil, with fields: HTTPFields = [:],
            body: String? = nil, is status: Int, _ text: String = ""
        ) {
            (self.method, self.path, self.user, self.fields) = (method, path, user, fields)
            (self.body, self.status, self.text) = (body, status, text)
        }

        var testDescription: String { "\(method) \(path) \(body ?? "") as \(user ?? "-"): \(status)" }

        func check(_ client: Client) async throws {
            let answer = try await client.send(method, path, fields, body: body, as: user)
            #expect(answer.status == status, "\(answer.text)")
            #expect(text.isEmpty || answer.text.contains(text), "\(answer.text)")
        }
    }

    private static func withDatabase(
        _ test: @Sendable @escaping (DatabasePool, MemoryStore) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("resources-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try DatabasePool(path: folder.appendingPathComponent("guide.sqlite").path)
        try await database.createGuideTables()
        try await test(database, MemoryStore(byteLimit: 1 << 20))
    }

    static let any: HTTPFields = [.ifMatch: "*"]

    @Test(arguments: [
        Row(.get, "/articles", is: 200, #"{"count":3,"next":null,"previous":null,"results":[{"id":1,"title":"Ants""#),
        Row(.get, "/articles?section=science&ordering=-title&page_size=1", is: 200, #""next":"/articles?ordering="#),
        Row(.get, "/articles?title__startswith=B&fields=id,title", is: 200, #"[{"id":2,"title":"Bees"}]"#),
        Row(.get, "/articles?format=csv&fields=id,title&title=Bees", is: 200, "id,title\r\n2,Bees\r\n"),
        Row(.get, "/articles?page_size=max", is: 200, #""count":3"#),
        Row(.get, "/articles?version=1", is: 400, #"{"version":["Unknown parameter."]}"#),
        Row(.get, "/articles?titel=Ants", is: 400, #"{"titel":["Unknown parameter."]}"#),
        Row(.get, "/articles?page=9", is: 404, "Invalid page."),
        Row(.get, "/articles/1", is: 200, #"{"id":1,"title":"Ants""#),
        Row(.get, "/articles/99", is: 404, #"{"detail":"Not found."}"#),
        Row(.get, "/articles/ants", is: 404, #"{"detail":"Not found."}"#),
        Row(.get, "/articles", with: [.accept: "image/png"], is: 406),
        Row(.post, "/articles", as: "anna", body: #"{"title": "", "author": "anna"}"#, is: 400, #"{"title":["#),
        Row(.post, "/articles", as: "anna", body: #"{"title": 1}"#, is: 400, #"["Not a valid string."]"#),
        Row(.post, "/articles", as: "anna", body: #"{"nope": 1}"#, is: 400, #""nope":["Unknown field."]"#),
        Row(
            .post, "/articles", as: "anna", body: #"{"id": 77, "title": "E", "author": "anna", "section": "sports"}"#,
            is: 201, #"{"id":5,"title":"E","author":"anna","section":"sports","is_published":false}"#),
        Row(.post, "/articles", as: "anna", with: [.contentType: "text/plain"], body: "x", is: 415),
        Row(.patch, "/articles/1", as: "anna", body: "{}", is: 428),
        Row(.patch, "/articles/1", as: "anna", with: [.ifMatch: "\"old\""], body: "{}", is: 412),
        Row(
            .patch, "/articles/1", as: "anna", with: any, body: #"{"title": "Aunts"}"#, is: 200,
            #""title":"Aunts","author":"anna""#),
        Row(
            .patch, "/articles/1", as: "anna", with: any, body: #"{"title": null}"#, is: 400,
            "This field may not be null."),
        Row(.put, "/articles/1", as: "anna", with: any, body: #"{"title": "Aunts"}"#, is: 400, #"{"author":["#),
        Row(.delete, "/articles/1", as: "anna", with: any, is: 204),
        Row(.put, "/articles", as: "anna", body: "{}", is: 405),
        Row(.post, "/articles", as: "anna", body: #"{"version": 1}"#, is: 400, #""version":["Unknown field."]"#),
        Row(.post, "/articles", as: "anna", body: String(repeating: " ", count: 1 << 20) + "{}", is: 413),
        Row(.options, "/articles", is: 204),
        Row(.head, "/articles/1", is: 200),
        // Permissions.
        Row(.get, "/articles/3", is: 404),
        Row(.get, "/articles/3", as: "anna", is: 404),
        Row(.get, "/articles/3", as: "bert", is: 200),
        Row(.get, "/articles", as: "bert", is: 200, #""count":4"#),
        Row(.patch, "/articles/1", body: "{}", is: 401),
        Row(.patch, "/articles/3", as: "anna", with: any, body: "{}", is: 404),
        Row(.patch, "/articles/2", as: "anna", with: any, body: "{}", is: 403),
        Row(.delete, "/articles/2", as: "anna", with: any, is: 403),
        Row(.patch, "/articles/1", as: "anna", with: any, body: #"{"author": "bert"}"#, is: 403),
        Row(.post, "/articles", body: "{}", is: 401),
        Row(
            .post, "/articles", as: "anna", body: #"{"title": "E", "author": "bert", "section": "sports"}"#, is: 403),
    ])
    func `A resource responds as its guide says`(row: Row) async throws {
        try await Self.withDatabase { database, store in
            try await withServer(of: articles(in: database, store: store)) { try await row.check($0) }
        }
    }

    @Test(arguments: [
        Row(.get, "/sections/science/articles", is: 200, #""count":3"#),
        Row(.get, "/sections/science/articles/1", is: 200),
        Row(.get, "/sections/sports/articles/1", is: 404),
        Row(.get, "/sections/nothing/articles", is: 404),
        Row(.get, "/sections/science/articles/1/comments", is: 200, #""count":1"#),
        Row(.get, "/sections/sports/articles/1/comments", is: 404),
        Row(.get, "/sections/science/articles/1/comments/2", is: 404),
        Row(
            .post, "/sections/sports/articles", body: #"{"title": "Golf", "author": "anna"}"#, is: 201,
            #""section":"sports""#),
        Row(
            .post, "/sections/sports/articles", body: #"{"title": "G", "author": "a", "section": "science"}"#, is: 400,
            #"{"section":["This field must have the key of the parent."]}"#),
        Row(.patch, "/sections/sports/articles/4", body: #"{"section": "science"}"#, is: 400, #"{"section":["#),
        Row(.delete, "/sections/sports/articles/1", is: 404),
        Row(.post, "/sections/science/articles/1/comments", body: #"{"text": "Yes."}"#, is: 201, #""object_id":1"#),
        Row(.delete, "/sections/sports", as: "editor", is: 409, "Other rows refer to the row."),
    ])
    func `Nested resources respond as their guide says`(row: Row) async throws {
        try await Self.withDatabase { database, store in
            try await withServer(of: sections(in: database, store: store)) { try await row.check($0) }
        }
    }

    @Test func `Hidden parents hide their children, and writes are effective at once`() async throws {
        try await Self.withDatabase { database, store in
            let section = sections(in: database, store: store)
            try await withServer(of: section, articles(in: database, store: store)) { client in
                let path = "/sections/sports/articles"
                _ = try await client.get(path)
                #expect(try await client.get(path).cacheStatus == "ResponseCache; hit")
                #expect(try await client.get("/articles/4").status == 200)
                let closing = try await client.send(
                    .patch, "/sections/sports", body: #"{"is_open": false}"#, as: "editor")
                #expect(closing.status == 200)
                #expect(try await client.get(path).status == 404)
                #expect(try await client.get(path + "/4").status == 404)
                #expect(try await client.send(.delete, path + "/4").status == 404)
                #expect(try await client.get(path, as: "editor").status == 200)
                #expect(try await client.get("/articles/4").status == 200, "the top has no parent")
                // A write through one place is effective at the other.
                let title = #"{"title": "Ants and aunts"}"#
                _ = try await client.get("/articles/1")
                #expect(try await client.send(.patch, "/sections/science/articles/1", body: title).status == 200)
                #expect(try await client.get("/articles/1").text.contains("Ants and aunts"))
                #expect(try await client.get("/articles").text.contains("Ants and aunts"))
            }
        }
    }

    @Test func `Users with different rows share no response`() async throws {
        try await Self.withDatabase { database, store in
            let resource = articles(in: database, store: store)
            try await withServer(of: resource) { client in
                for status in ["fwd=uri-miss; stored", "hit"] {
                    for user in [nil, "anna", "bert"] {
                        let answer = try await client.get("/articles", as: user)
                        #expect(answer.cacheStatus == "ResponseCache; \(status)")
                        #expect(answer.text.hasPrefix(#"{"count":\#(user == "bert" ? 4 : 3)"#))
                        #expect(answer.fields[.cacheControl] == "private, no-cache")
                    }
                }
                let tag = try #require(try await client.get("/articles/1").fields[.eTag])
                #expect(try await client.get("/articles/1", [.ifNoneMatch: tag]).status == 304)
                try await database.write { try $0.execute(sql: "UPDATE articles SET title = 'Other', version = 2") }
                #expect(try await client.get("/articles/1").text.contains("Ants"), "other code has to invalidate")
                await resource.invalidate()
                #expect(try await client.get("/articles/1").text.contains("Other"))
            }
        }
    }

    @Test func `A partial update writes what was submitted`() async throws {
        try await Self.withDatabase { database, store in
            try await withServer(of: articles(in: database, store: store)) { client in
                func version() async throws -> Int? {
                    try await database.read { try Int.fetchOne($0, sql: "SELECT version FROM articles WHERE id = 1") }
                }
                for path in ["/articles/1", "/articles"] { _ = try await client.get(path) }
                #expect(try await client.send(.patch, "/articles/1", Self.any, body: "{}", as: "anna").status == 200)
                #expect(try await version() == 1)
                #expect(try await client.get("/articles").cacheStatus == "ResponseCache; hit")
                let title = #"{"title": "Aunts"}"#
                #expect(try await client.send(.patch, "/articles/1", Self.any, body: title, as: "anna").status == 200)
                #expect(try await version() == 2)
                #expect(try await client.get("/articles").cacheStatus == "ResponseCache; fwd=uri-miss; stored")
            }
        }
    }

    @Test func `Another resource shows the same table in its own way`() async throws {
        try await Self.withDatabase { database, store in
            try await withServer(of: magazine(in: database, store: store)) { client in
                let list = try await client.get("/magazine")
                #expect(!list.text.contains("count"))
                #expect(list.text.contains(#"[{"id":1,"title":"Ants","resource_uri":"http://"#), "\(list.text)")
                #expect(list.fields[HTTPField.Name("Link")!]?.hasPrefix("</magazine?cursor=") == true)
                let row = try await client.get("/magazine/1")
                #expect(row.text.contains(#"{"id":1,"title":"Ants","author":"anna","resource_uri":"#))
                #expect(try await client.get("/magazine?search=bert&count=true").text.hasPrefix(#"{"count":1"#))
                #expect(try await client.get("/magazine/3").status == 404)
                #expect(try await client.send(.post, "/magazine", body: "{}").status == 405)
            }
        }
    }
}
#endif
