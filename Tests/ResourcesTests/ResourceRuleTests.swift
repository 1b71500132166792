#if Hummingbird
import CacheMiddleware
import Foundation
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Repositories
import Synchronization
import Testing

@testable import Resources

/// Rules that a client must not get around.
@Suite(.timeLimit(.minutes(2))) struct ResourceRuleTests {
    private enum NoteFields {
        static let id = Field.integer("id").key()
        static let kind = Field.text("kind", 1...10)
        static let object = Field.text("object", 2...2)
        static let text = Field.text("text", 0...5000).default("").sorted()
        static let all = FieldSet("notes", id, kind, object, text)
    }

    private enum DocumentFields {
        static let slug = Field.text("slug", 1...100).key(writtenByClients: true)
        static let title = Field.text("title", 0...100)
        static let version = Field.integer("version").hidden().version()
        static let all = FieldSet("documents", slug, title, version)
    }

    private func notes() throws -> MemoryRepository {
        try MemoryRepository(
            NoteFields.all,
            rows: RowBatch(
                columns: ["id", "kind", "object", "text"],
                rows: [[1, "country", "DE", "x"], [2, "country", "DE", "y"], [3, "secret", "DE", "z"]]))
    }

    @Test func `A response to HEAD has no body`() async throws {
        let geography = try await Geography()
        let cities = geography.city()
        for path in ["/cities/1", "/cities", "/cities/77", "/cities?page=0"] {
            let isList = path != "/cities/1" && path != "/cities/77"
            let template = isList ? "/cities" : "/cities/{id}"
            func reply(_ method: HTTPRequest.Method) async throws -> Reply {
                let route = try #require(cities.routes.first { $0.method == method && $0.template == template })
                let request = HTTPRequest(method: method, scheme: "http", authority: "a", path: path)
                let id = path.split(separator: "/").last.map { PathParameters.Parameter("id", .string(String($0))) }
                return try await route.respond(
                    to: Exchange(
                        request: request, route: Route(view: "v", method: "get", template: template),
                        pathParameters: PathParameters(named: isList ? [] : id.map { [$0] } ?? [])))
            }
            let (head, get) = (try await reply(.head), try await reply(.get))
            #expect(head.status == get.status)
            #expect(head.body.contentLength == 0)
            #expect(head.headerFields[.contentLength] == get.body.contentLength.map { "\($0)" })
        }
    }

    @Test func `The condition of a relation holds for writes`() async throws {
        let geography = try await Geography()
        let notes = try notes()
        let note = Resource("notes", over: notes) { Caching(.minutes(15), in: geography.store) }
        let country = Resource("countries", over: geography.countries) {
            Nested(note, by: NoteFields.object, where: NoteFields.kind == "country")
        }
        try await withServer(of: country) { (client) async throws in
            let path = "/countries/DE/notes"
            #expect(try await client.get(path).text.contains(#""count":2"#))
            #expect(try await client.get(path + "/3").status == 404)
            #expect(try await client.send(.patch, path + "/1", body: #"{"kind": "secret"}"#).status == 400)
            #expect(try await client.send(.put, path + "/1", body: #"{"kind": "secret", "text": ""}"#).status == 400)
            let refused = try await client.send(.post, path, body: #"{"kind": "secret"}"#)
            #expect(refused.status == 400)
            #expect(refused.text == #"{"kind":["This field must have the value that the path implies."]}"#)
            #expect(try await client.send(.post, path, body: #"{"kind": "country"}"#).status == 201)
            // What the path implies may be absent.
            let created = try await client.send(.post, path, body: "{}")
            #expect(created.text == #"{"id":5,"kind":"country","object":"DE","text":""}"#)
            #expect(try await client.send(.put, path + "/5", body: #"{"text": "new"}"#).status == 200)
            #expect(try await notes.count(NoteFields.kind == "country") == 4)
        }
    }

    @Test func `A parent's key that a child cannot have is refused`() async throws {
        let geography = try await Geography()
        let documents = try MemoryRepository(
            DocumentFields.all, rows: RowBatch(columns: ["slug", "title", "version"], rows: [["abc", "t", 1]]))
        let note = Resource("notes", over: try notes())
        let document = Resource("documents", over: documents) {
            Nested(note, by: NoteFields.object)
        }
        try await withServer(of: document, geography.city()) { (client) async throws in
            let answer = try await client.send(.post, "/documents/abc/notes", body: #"{"kind": "a"}"#)
            #expect(answer.status == 400)
            #expect(answer.text.hasPrefix(#"{"object":["#))
        }
    }

    @Test func `A hidden parent without caching hides cached children`() async throws {
        let geography = try await Geography()
        let country = Resource("countries", over: geography.countries) {
            Permissions { exchange, _ in exchange.userID == "root" ? .all : .rows(CountryFields.isHidden == false) }
            Nested(geography.city(), by: CityFields.country)
        }
        try await withServer(of: country) { (client) async throws in
            let paths = ["/countries/DE/cities", "/countries/DE/cities/1"]
            var tags: [String] = []
            for path in paths { tags.append(try #require(try await client.get(path).fields[.eTag])) }
            #expect(
                try await client.send(.patch, "/countries/DE", body: #"{"is_hidden": true}"#, as: "root").status == 200)
            for (path, tag) in zip(paths, tags) {
                #expect(try await client.get(path).status == 404)
                #expect(try await client.get(path, [.ifNoneMatch: tag]).status == 404)
            }
            // Conditions do not show whether a row below a hidden parent exists.
            for (id, name) in [
                ("1", HTTPField.Name.ifMatch), ("99", .ifMatch), ("1", .ifNoneMatch), ("99", .ifNoneMatch),
            ] {
                let answer = try await client.send(.patch, "/countries/DE/cities/" + id, [name: "*"], body: "{}")
                #expect(answer.status == 404)
            }
        }
    }

    @Test func `A row that is created again is another one`() async throws {
        let documents = try MemoryRepository(
            DocumentFields.all, rows: RowBatch(columns: ["slug", "title", "version"], rows: [["a", "old", 1]]))
        let resource = Resource("documents", over: documents) {
            Conditions()
            Caching(.minutes(15), in: MemoryStore(byteLimit: 1 << 20))
        }
        try await withServer(of: resource) { (client) async throws in
            let old = try #require(try await client.get("/documents/a").fields[.eTag])
            #expect(try await client.send(.delete, "/documents/a").status == 204)
            let body = #"{"slug": "a", "title": "new"}"#
            #expect(try await client.send(.post, "/documents", body: body).status == 201)
            #expect(try await client.get("/documents/a", [.ifNoneMatch: old]).status == 200)
            let update = try await client.send(.patch, "/documents/a", [.ifMatch: old], body: #"{"title": "lost"}"#)
            #expect(update.status == 412)
            // By other code.
            _ = try await documents.apply(RowWrite(.delete, RowBatch(["slug": "a"])))
            _ = try await documents.apply(RowWrite(.create, RowBatch(["slug": "a", "title": "newer"])))
            await resource.invalidate()
            #expect(try await client.get("/documents/a").text.contains("newer"))
        }
    }

    @Test func `Without caching too, a row that is created again is another one`() async throws {
        let documents = try MemoryRepository(DocumentFields.all)
        try await withServer(of: Resource("documents", over: documents) { Conditions() }) { (client) async throws in
            let body = #"{"slug": "a", "title": "same"}"#
            var tags: Set<String> = []
            for round in 1...3 {
                #expect(try await client.send(.post, "/documents", body: body).status == 201)
                tags.insert(try #require(try await client.get("/documents/a").fields[.eTag]))
                #expect(tags.count == round)
                #expect(try await client.send(.delete, "/documents/a").status == 204)
            }
            #expect(try await client.send(.post, "/documents", body: body).status == 201)
            for tag in tags {
                let update = try await client.send(.patch, "/documents/a", [.ifMatch: tag], body: #"{"title": "b"}"#)
                #expect(update.status == 412)
            }
        }
    }

    @Test func `A key that clients give cannot be changed`() async throws {
        let documents = try MemoryRepository(
            DocumentFields.all, rows: RowBatch(columns: ["slug", "title", "version"], rows: [["a", "old", 1]]))
        try await withServer(of: Resource("documents", over: documents)) { (client) async throws in
            #expect(try await client.send(.put, "/documents/a", body: #"{"title": "b"}"#).status == 200)
            #expect(try await client.send(.put, "/documents/a", body: #"{"slug": "a", "title": "c"}"#).status == 200)
            #expect(try await client.send(.patch, "/documents/a", body: #"{"slug": "a"}"#).status == 200)
            let changed = try await client.send(.patch, "/documents/a", body: #"{"slug": "b"}"#)
            #expect(changed.status == 400)
            #expect(changed.text == #"{"slug":["The key cannot be changed."]}"#)
            #expect(try await client.send(.post, "/documents", body: #"{"slug": "a", "title": ""}"#).status == 400)
        }
    }

    @Test func `Long searches and lists of values are refused`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.city()) { (client) async throws in
            #expect(try await client.get("/cities?search=" + String(repeating: "a", count: 2000)).status == 400)
            for count in [9_998, 9_999, 10_000, 10_001] {
                let values = Array(repeating: "A", count: count).joined(separator: ",")
                #expect([200, 400].contains(try await client.get("/cities?name__in=" + values).status))
            }
        }
    }

    @Test func `Rules that are declared twice are joined`() async throws {
        let geography = try await Geography()
        let city = Resource("cities", over: geography.cities) {
            Permissions { exchange, _ in exchange.userID == nil ? .refused : .rows(CityFields.country == "DE") }
            Permissions { _, _ in .rows(CityFields.population > 2_000_000) }
        }
        try await withServer(of: city) { (client) async throws in
            #expect(try await client.get("/cities").status == 401)
            let list = try await client.get("/cities", as: "anna")
            #expect(list.text.contains(#""count":1"#))
            #expect(list.fields[.cacheControl] == "private, no-cache")
        }
    }

    @Test func `Updates through two places do not overwrite each other`() async throws {
        let geography = try await Geography()
        let note = Resource("notes", over: SlowRepository(try notes())) {
            Conditions()
            Caching(.minutes(15), in: geography.store)
        }
        let country = Resource("countries", over: geography.countries) {
            Caching(.minutes(15), in: geography.store)
            Nested(note, by: NoteFields.object)
        }
        func send(_ resource: Resource, _ method: HTTPRequest.Method, _ template: String, _ tag: String?) async throws
            -> Reply
        {
            let route = try #require(resource.routes.first { $0.template == template && $0.method == method })
            let isNested = template.contains("countries")
            let path = isNested ? "/countries/DE/notes/1" : "/notes/1"
            var request = HTTPRequest(method: method, scheme: "https", authority: "a", path: path)
            request.headerFields[.ifMatch] = tag
            let body = ByteBuffer(string: #"{"text": "\#(path)"}"#)
            let parameters: [PathParameters.Parameter] =
                isNested ? [.init("id", .string("DE")), .init("notes_id", .string("1"))] : [.init("id", .string("1"))]
            return try await route.respond(
                to: Exchange(
                    request: request, body: method == .get ? .empty : RequestBody(body),
                    route: Route(view: template, method: "patch", template: template),
                    pathParameters: PathParameters(named: parameters)))
        }
        let nested = "/countries/{id}/notes/{notes_id}"
        let tags = [
            try await send(note, .get, "/notes/{id}", nil).headerFields[.eTag],
            try await send(country, .get, nested, nil).headerFields[.eTag],
        ]
        async let first = send(note, .patch, "/notes/{id}", tags[0])
        async let second = send(country, .patch, nested, tags[1])
        let statuses = try await [first.status.code, second.status.code].sorted()
        #expect(statuses == [200, 412])
    }
}

/// Another repository whose operations take a moment.
private struct SlowRepository: Repository {
    let base: MemoryRepository

    init(_ base: MemoryRepository) { self.base = base }

    var fields: FieldSet { base.fields }

    func rows(_ query: RowQuery) async throws -> RowBatch {
        for _ in 0..<20 { await Task.yield() }
        return try await base.rows(query)
    }

    func count(_ selection: Selection) async throws -> Int {
        for _ in 0..<20 { await Task.yield() }
        return try await base.count(selection)
    }

    func apply(_ write: RowWrite) async throws -> WriteResult { try await base.apply(write) }

    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        try await base.applyAll(selection, setting: row, limit: maximum)
    }
}
#endif
