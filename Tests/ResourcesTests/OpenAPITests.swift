#if Hummingbird
import ETag
import Foundation
import HTTPPipeline
import HTTPTypes
import Repositories
import Testing

@testable import Resources

@Suite(.timeLimit(.minutes(2))) struct OpenAPITests {
    private func document() async throws -> OpenAPIDocument {
        let geography = try await Geography()
        let city = geography.city()
        return OpenAPIDocument(title: "Geography", version: "1", city, geography.country(city))
    }

    private func object(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    @Test func `Every route is described`() async throws {
        let geography = try await Geography()
        let country = geography.country(geography.city())
        let document = OpenAPIDocument(title: "Geography", version: "1", country)
        let paths = try #require(try object(document.json)["paths"] as? [String: [String: Any]])
        for route in country.routes {
            let operation = paths[route.template]?[route.method.rawValue.lowercased()] as? [String: Any]
            let isDescribed = ![.head, .options].contains(route.method) && !route.pipeline.middleware.isEmpty
            #expect((operation != nil) == isDescribed, "\(route.method) \(route.template)")
        }
    }

    @Test func `Parameters and schemas follow from the fields`() async throws {
        let text = try await document().json
        let document = try object(text)
        let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
        #expect(
            Set(schemas.keys) == [
                "Error", "FieldErrors", "Problem", "cities", "cities.write", "cities.patch", "countries",
                "countries.write",
                "countries.patch",
            ])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let operation = try #require(paths["/cities"]?["get"] as? [String: Any])
        let list = try #require(operation["parameters"] as? [[String: Any]])
        let names = list.compactMap { $0["name"] as? String }
        #expect(names.contains("population__lt"))
        #expect(names.contains("search"))
        #expect(!names.contains("folded_name"))
        #expect(!text.contains("folded_name"))
    }

    @Test func `The document is served with a tag`() async throws {
        let geography = try await Geography()
        let document = try await document()
        try await withServer(of: geography.city(), document: document) { client in
            let answer = try await client.get("/openapi.json")
            #expect(answer.text == document.json)
            let tag = try #require(answer.fields[.eTag])
            #expect(try await client.get("/openapi.json", [.ifNoneMatch: tag]).status == 304)
        }
    }
}
#endif
