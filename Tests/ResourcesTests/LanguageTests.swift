#if Hummingbird
import CacheMiddleware
import ETag
import HTTPTypes
import PipelineTesting
import Repositories
import Testing

@testable import Resources

@Suite(.timeLimit(.minutes(2))) struct LanguageTests {
    private enum Country {
        static let code = Field.text("code", 2...2).key()
        static let name = Field.text("name").filtered(.prefix).sorted()
        static let folded = Field.text("folded_name").hidden().computed(from: name) { $0.lowercased() }
        static let all = FieldSet("countries", code, name, folded)
    }

    private func repository(_ names: [(String, String)]) throws -> MemoryRepository {
        try MemoryRepository(
            Country.all,
            rows: RowBatch(
                columns: ["code", "name", "folded_name"],
                rows: names.map { [.text($0.0), .text($0.1), .text($0.1.lowercased())] }))
    }

    private func countries() throws -> Resource {
        try Resource("countries", over: try repository([("AT", "Austria"), ("FR", "France"), ("DE", "Germany")])) {
            Languages(
                "en",
                others: ["de": try repository([("AT", "Österreich"), ("FR", "Frankreich"), ("DE", "Deutschland")])]
            )
            Ordering(Country.name.ascending)
            Search(Country.folded)
            Conditions()
            Caching(.minutes(1), in: MemoryStore(byteLimit: 1 << 20))
        }
    }

    @Test(arguments: [
        (nil, "/countries/AT", "en", #"{"code":"AT","name":"Austria"}"#),
        ("de-AT, en;q=0.5", "/countries/AT", "de", #"{"code":"AT","name":"Österreich"}"#),
        ("fr", "/countries/AT", "en", #"{"code":"AT","name":"Austria"}"#),
        ("de", "/countries?fields=code", "de", #"[{"code":"DE"},{"code":"FR"},{"code":"AT"}]"#),
        ("en", "/countries?fields=code", "en", #"[{"code":"AT"},{"code":"FR"},{"code":"DE"}]"#),
        ("de", "/countries?name__startswith=Fr", "de", #"[{"code":"FR","name":"Frankreich"}]"#),
        (
            "de", "/countries?search=REICH", "de",
            #"[{"code":"FR","name":"Frankreich"},{"code":"AT","name":"Österreich"}]"#
        ),
    ])
    func `Rows are read in the accepted language`(
        accept: String?, path: String, language: String, body: String
    ) async throws {
        try await withServer(of: countries()) { (client) async throws in
            // The other language first: each has a key of its own.
            _ = try await client.get(path, [.acceptLanguage: language == "de" ? "en" : "de"])
            var fields: HTTPFields = [:]
            fields[.acceptLanguage] = accept
            for status in ["ResponseCache; fwd=uri-miss; stored", "ResponseCache; hit"] {
                let answer = try await client.get(path, fields)
                #expect(answer.text.contains(body))
                #expect(answer.fields[.contentLanguage] == language)
                #expect(answer.fields[.vary] == "Accept, Accept-Language")
                #expect(answer.cacheStatus == status)
            }
        }
    }

    @Test func `The response to HEAD has the length of a hit`() async throws {
        try await withServer(of: countries()) { (client) async throws in
            let length = "\(try await client.get("/countries").text.utf8.count)"
            let head = try await client.send(.head, "/countries")
            #expect(head.cacheStatus == "ResponseCache; hit")
            #expect(head.fields[.contentLength] == length)
        }
    }

    @Test func `Parameters in another order are the same list`() async throws {
        try await withServer(of: countries()) { (client) async throws in
            let first = try await client.get("/countries?page_size=1&fields=code")
            let second = try await client.get("/countries?fields=code&page_size=1")
            #expect(second.cacheStatus == "ResponseCache; hit")
            #expect(second.text == first.text)
            #expect(first.text.contains(#""next":"/countries?fields=code&page_size=1&page=2""#))
        }
    }

    @Test func `Clients validate a response before each use`() async throws {
        try await withServer(of: countries()) { (client) async throws in
            let answer = try await client.get("/countries")
            #expect(answer.fields[.cacheControl] == "max-age=0, must-revalidate")
        }
    }

    @Test func `Repositories with other fields are a mistake`() throws {
        let others = FieldSet("countries", Country.code, Country.name)
        let languages = Languages("en", others: ["de": try MemoryRepository(others)])
        #expect(languages.mistake(for: Country.all) == "the repository for 'de' has other fields")
    }
}
#endif
