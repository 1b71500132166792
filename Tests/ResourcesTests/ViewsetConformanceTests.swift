#if Hummingbird
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Repositories
import Synchronization
import Testing

@testable import Resources

/// The rules 7.1 to 7.8: what drf-extensions' small mixins, fields and permissions do.
@Suite(.timeLimit(.minutes(2))) struct ViewsetConformanceTests {
    private enum ArticleFields {
        static let id = Field.integer("id").key()
        static let title = Field.text("title", 1...50)
        static let text = Field.text("text").default("")
        static let owner = Field.text("owner").default("anna")
        static let isDraft = Field.boolean("is_draft").default(false)
        static let folded = Field.text("folded_title").hidden().computed(from: title) { $0.lowercased() }
        static let all = FieldSet("articles", id, title, text, owner, isDraft, folded)
    }

    /// A request and its response.
    struct Exchanged: Sendable, CustomTestStringConvertible {
        var rule: String
        var method = HTTPRequest.Method.get
        var path: String
        var body: String?
        var user: String?
        var status = 200
        var text = ""

        var testDescription: String { "\(rule): \(method) \(path)" }
    }

    private func articles() throws -> WriteRecorder {
        WriteRecorder(
            try MemoryRepository(
                ArticleFields.all,
                rows: RowBatch(
                    columns: ["title", "text", "owner", "is_draft"],
                    rows: [["One", "1", "anna", false], ["Two", "2", "dora", false], ["Three", "3", "anna", true]])))
    }

    private func check(_ expected: Exchanged, _ resource: Resource) async throws {
        try await withServer(of: resource) { client in
            let answer = try await client.send(expected.method, expected.path, body: expected.body, as: expected.user)
            #expect(answer.status == expected.status)
            let text = answer.text.replacing(/localhost:\d+/, with: "localhost")
            #expect(text.contains(expected.text), "\(text)")
        }
    }

    @Test(arguments: [
        // Without fields for single rows, those of lists are used, as documented; 0.8.0 fails.
        Exchanged(rule: "7.1", path: "/summaries/1", text: #"{"id":1,"title":"One"}"#),
        Exchanged(rule: "7.1", path: "/summaries", text: #""results":[{"id":1,"title":"One"},"#),
        Exchanged(rule: "7.2", path: "/articles", text: #""results":[{"id":1,"title":"One"},"#),
        Exchanged(rule: "7.2", path: "/articles/1", text: #"{"id":1,"title":"One","text":"1"}"#),
        Exchanged(
            rule: "7.2", method: .patch, path: "/articles/1", body: #"{"text": "x"}"#,
            text: #""title":"One","text":"x"}"#),
        // A created row has the representation that its URL has; in 0.8.0 that of lists.
        Exchanged(
            rule: "7.2", method: .post, path: "/articles", body: #"{"title": "Four"}"#, status: 201,
            text: #""text":""}"#),
        // The rows of lists and those of single rows are selected separately.
        Exchanged(rule: "7.2", path: "/articles", text: #"{"count":2,"#),
        Exchanged(rule: "7.2", path: "/articles/3", text: #""title":"Three""#),
        Exchanged(rule: "7.2", path: "/summaries/3", status: 404),
        Exchanged(rule: "7.2", method: .delete, path: "/summaries/3", status: 404),
        Exchanged(rule: "7.2", path: "/summaries", text: #"{"count":3,"#),
    ])
    func `Single rows have their own representation`(expected: Exchanged) async throws {
        let repository = try articles()
        let isArticle = expected.path.hasPrefix("/articles")
        try await check(
            expected,
            Resource(isArticle ? "articles" : "summaries", over: repository) {
                if isArticle {
                    Representation(
                        list: ["id", "title"], detail: ["id", "title", "text"],
                        listSelection: ArticleFields.isDraft == false)
                } else {
                    Representation(list: ["id", "title"], detailSelection: ArticleFields.isDraft == false)
                }
            })
    }

    @Test(arguments: [
        Exchanged(
            rule: "7.3", path: "/articles", text: #""next":"/articles?page=2","previous":null,"results":[{"id":1,"#),
        Exchanged(rule: "7.3", path: "/articles?page_size=max", text: #""next":"/articles?page_size=max&page=2""#),
        Exchanged(rule: "7.3", path: "/articles?page_size=max&page=2", text: #""next":null"#),
        Exchanged(rule: "7.3", path: "/articles?page_size=99&page=2", text: #""next":null"#),
        Exchanged(rule: "7.3", path: "/articles?page_size=1&page_size=max&page=2", text: #""next":null"#),
        // A size that is none is an error here; 0.8.0 uses the default.
        Exchanged(rule: "7.3", path: "/articles?page_size=MAX", status: 400, text: #"{"page_size":["#),
        Exchanged(rule: "7.3", path: "/articles?page_size=0", status: 400, text: #"{"page_size":["#),
        Exchanged(rule: "7.3", path: "/articles?page_size=-1", status: 400, text: #"{"page_size":["#),
        Exchanged(rule: "7.3", path: "/articles?page_size=", status: 400, text: #"{"page_size":["#),
    ])
    func `The size of a page is bounded`(expected: Exchanged) async throws {
        try await check(
            expected, Resource("articles", over: try articles()) { Pagination(.pages, size: 1, maximum: 2) })
    }

    @Test(arguments: [
        Exchanged(
            rule: "7.4", path: "/articles/1/?fields=id", text: #""resource_uri":"http://localhost/articles/1/"}"#),
        Exchanged(rule: "7.4", path: "/articles/", text: #""resource_uri":"http://localhost/articles/2/"}"#),
        Exchanged(
            rule: "7.4", method: .post, path: "/articles/", body: #"{"title": "Four"}"#, status: 201,
            text: #""resource_uri":"http://localhost/articles/4/"}"#),
    ])
    func `Rows have their URL`(expected: Exchanged) async throws {
        try await check(expected, Resource("articles", over: try articles(), settings: .drf) { ResourceURI() })
    }

    @Test func `Without a host the URL of a row is its path`() async throws {
        let resource = Resource("articles", over: try articles()) { ResourceURI() }
        let route = try #require(resource.routes.first { $0.name == "articles-detail" && $0.method == .get })
        let exchange = Exchange(
            request: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/articles/1"),
            route: Route(view: "articles", method: "get", template: route.template),
            pathParameters: PathParameters(named: [.init("id", .string("1"))]))
        let reply = try await route.respond(to: exchange)
        let text = String(buffer: try await reply.body.collect(upTo: 1000).buffer)
        #expect(text.contains(#""resource_uri":"/articles/1""#))
    }

    @Test(arguments: [
        ("7.5", HTTPRequest.Method.patch, #"{"text": "x"}"#, [["text"]]),
        ("7.5", .patch, #"{"text": "x", "is_draft": true}"#, [["text", "is_draft"]]),
        // What the server computes from a submitted field is written too; 0.8.0 loses it.
        ("7.5", .patch, #"{"title": "X"}"#, [["title", "folded_title"]]),
        ("7.5", .patch, #"{"id": 1, "text": "x"}"#, [["text"]]),
        ("7.5", .put, #"{"title": "X"}"#, [["title", "text", "owner", "is_draft", "folded_title"]]),
        ("7.6", .patch, "{}", []),
        ("7.6", .patch, #"{"id": 1}"#, []),
    ])
    func `A partial update writes the submitted fields`(
        rule: String, method: HTTPRequest.Method, body: String, columns: [[String]]
    ) async throws {
        let repository = try articles()
        try await withServer(of: Resource("articles", over: repository)) { (client) async throws in
            #expect(try await client.send(method, "/articles/1", body: body).status == 200)
        }
        let written = repository.columns.withLock { $0 }.map { $0.sorted() }
        let expected = columns.map { $0.sorted() }
        #expect(written == expected)
    }

    @Test(arguments: [
        (true, Exchanged(rule: "7.7", path: "/articles/2", user: "anna", status: 404)),
        (true, Exchanged(rule: "7.7", method: .patch, path: "/articles/2", body: "{}", user: "anna", status: 404)),
        (true, Exchanged(rule: "7.7", method: .delete, path: "/articles/1", user: "anna", status: 403)),
        (true, Exchanged(rule: "7.7", method: .delete, path: "/articles/1", status: 404)),
        (false, Exchanged(rule: "7.7", path: "/articles/2", user: "anna", status: 403)),
        (false, Exchanged(rule: "7.7", path: "/articles/2", status: 401)),
        (false, Exchanged(rule: "7.7", method: .patch, path: "/articles/2", body: "{}", user: "anna", status: 403)),
        (false, Exchanged(rule: "7.7", method: .delete, path: "/articles/1", user: "anna", status: 403)),
        (false, Exchanged(rule: "7.7", method: .delete, path: "/articles/1", status: 401)),
        (false, Exchanged(rule: "7.7", path: "/articles/99", user: "anna", status: 404)),
        // Lists omit what may not be read, and a draft belongs to no resource.
        (false, Exchanged(rule: "7.8", path: "/articles", user: "anna", text: #"{"count":1,"#)),
        (false, Exchanged(rule: "7.8", path: "/articles/3", user: "anna", status: 404)),
    ])
    func `Forbidden rows are hidden or refused`(hides: Bool, expected: Exchanged) async throws {
        try await check(
            expected,
            Resource("articles", over: try articles()) {
                Rows(ArticleFields.isDraft == false)
                Permissions(hidingForbiddenRows: hides) { exchange, action in
                    if action == .destroy { return .rows(.none) }
                    return .rows(ArticleFields.owner == (exchange.userID ?? ""))
                }
            })
    }
}

/// Records which columns of existing rows are written.
private final class WriteRecorder: Repository {
    private let base: MemoryRepository
    let columns = Mutex<[[String]]>([])

    init(_ base: MemoryRepository) { self.base = base }

    var fields: FieldSet { base.fields }

    func rows(_ query: RowQuery) async throws -> RowBatch { try await base.rows(query) }

    func count(_ selection: Selection) async throws -> Int { try await base.count(selection) }

    func apply(_ write: RowWrite) async throws -> WriteResult {
        let names = try PreparedWrite(write, in: fields).columns.filter(\.isUpdated).map(\.name)
        columns.withLock { $0.append(names) }
        return try await base.apply(write)
    }

    func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
        try await base.applyAll(selection, setting: row, limit: maximum)
    }
}
#endif
