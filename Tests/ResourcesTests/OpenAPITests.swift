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
        // The order does not matter: resources at the top come first.
        return OpenAPIDocument(title: "Geography", version: "1", geography.country(city), city)
    }

    private func object(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    private func operation(_ path: String, _ method: String, in document: [String: Any]) throws -> [String: Any] {
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        return try #require(paths[path]?[method] as? [String: Any])
    }

    @Test func `Every route is described`() async throws {
        let geography = try await Geography()
        let country = geography.country(geography.city())
        let document = OpenAPIDocument(title: "Geography", version: "1", country)
        let paths = try #require(try object(document.json)["paths"] as? [String: [String: Any]])
        for route in country.routes {
            let operation = paths[route.template]?[route.method.rawValue.lowercased()] as? [String: Any]
            let isDescribed = route.method == .options || !route.pipeline.middleware.isEmpty
            #expect((operation != nil) == isDescribed, "\(route.method) \(route.template)")
        }
    }

    @Test func `Parameters and schemas follow from the fields`() async throws {
        let text = try await document().json
        let document = try object(text)
        let components = try #require(document["components"] as? [String: [String: Any]])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        #expect(
            Set(schemas.keys) == [
                "Error", "FieldErrors", "Problem", "cities", "cities.page", "cities.create", "cities.update",
                "cities.patch", "countries", "countries.page", "countries.create", "countries.update",
                "countries.patch", "countries-cities-cities.create", "countries-cities-cities.update",
                "countries-cities-cities.patch",
            ])
        #expect(schemas["cities.create"]?["required"] as? [String] == ["name", "country_code"])
        #expect(schemas["countries-cities-cities.create"]?["required"] as? [String] == ["name"])
        let list = try operation("/cities", "get", in: document)
        let references = try #require(list["parameters"] as? [[String: String]]).compactMap(\.values.first)
        #expect(
            references.map { $0.replacing("#/components/parameters/", with: "") } == [
                "cities.name", "cities.name__in", "cities.name__startswith", "cities.country_code",
                "cities.country_code__in", "cities.population__lt", "cities.population__lte", "cities.population__gt",
                "cities.population__gte", "cities.population__range", "cities.ordering", "cities.fields", "format",
                "cities.search", "page", "cities.page_size", "If-None-Match", "If-Modified-Since",
            ])
        #expect(!text.contains("folded_name"))
    }

    @Test(arguments: [
        ("/cities", "get", ["200", "304", "400", "401", "403", "404", "406", "412", "500", "503"]),
        ("/cities", "post", ["201", "400", "401", "403", "404", "406", "412", "413", "415", "500", "503"]),
        ("/cities", "head", ["200", "304", "401", "4XX"]), ("/cities", "options", ["204"]),
        ("/cities/{id}", "patch", ["200", "400", "401", "403", "404", "406", "412", "413", "415", "500", "503"]),
        ("/cities/{id}", "delete", ["204", "400", "401", "403", "404", "406", "409", "412", "500", "503"]),
    ]) func `All statuses are described`(path: String, method: String, statuses: [String]) async throws {
        let operation = try operation(path, method, in: try object(try await document().json))
        #expect(try #require(operation["responses"] as? [String: Any]).keys.sorted() == statuses)
    }

    @Test func `References lead to parts of the document`() async throws {
        let text = try await document().json
        let components = try #require(try object(text)["components"] as? [String: [String: Any]])
        let references = text.matches(of: /"\$ref": "#\/components\/([^\/"]*)\/([^"]*)"/)
        #expect(references.count > 100)
        for reference in references {
            #expect(components[String(reference.1)]?[String(reference.2)] != nil, "\(reference.0)")
        }
    }

    @Test func `Different places have different parts under one name`() {
        var components = OpenAPIComponents()
        let first = components.reference(.schemas, "a", at: "x", ["type": "string"])
        #expect(components.reference(.schemas, "a", at: "y", ["type": "string"]) == first)
        #expect(
            components.reference(.schemas, "a", at: "y", ["type": "integer"]) == ["$ref": "#/components/schemas/y-a"])
        #expect(
            components.reference(.schemas, "a", at: "y", ["type": "number"]) == ["$ref": "#/components/schemas/y-a-2"])
    }

    @Test func `Only rules, caching and conditions that are declared are described`() async throws {
        let geography = try await Geography()
        let text = OpenAPIDocument(title: "Plain", version: "1", Resource("countries", over: geography.countries)).json
        for word in ["security", "\"401\"", "\"412\"", "\"304\"", "If-Match", "\"Age\""] {
            #expect(!text.contains(word), "\(word)")
        }
    }

    @Test func `Languages are described`() async throws {
        let geography = try await Geography()
        let resource = Resource("countries", over: geography.countries) {
            Languages("en", others: ["de": geography.countries])
        }
        let document = try object(OpenAPIDocument(title: "Countries", version: "1", resource).json)
        let list = try operation("/countries", "get", in: document)
        let parameters = try #require(list["parameters"] as? [[String: String]])
        #expect(parameters.contains(["$ref": "#/components/parameters/Accept-Language"]))
        let response = (list["responses"] as? [String: [String: Any]])?["200"]
        #expect((response?["headers"] as? [String: Any])?["Content-Language"] != nil)
    }

    @Test func `Required conditions are described`() async throws {
        let geography = try await Geography()
        let resource = Resource("cities", over: geography.cities) {
            Conditions(requiring: [.put: [.ifUnmodifiedSince], .patch: [.ifMatch]])
            Representation(list: ["id"], detail: ["id", "name"])
        }
        let document = try object(OpenAPIDocument(title: "Cities", version: "1", resource).json)
        for (method, names) in [
            ("put", ["If-Unmodified-Since.required", "If-Match"]), ("patch", ["If-Match.required"]),
            ("delete", ["If-Match"]),
        ] {
            let operation = try operation("/cities/{id}", method, in: document)
            let references = try #require(operation["parameters"] as? [[String: String]]).compactMap(\.values.first)
            let conditions = references.filter { $0.contains("/If-") }
            #expect(conditions == names.map { "#/components/parameters/\($0)" })
            #expect(((operation["responses"] as? [String: Any])?["428"] != nil) == (method != "delete"))
        }
        let schemas = (document["components"] as? [String: [String: [String: Any]]])?["schemas"]
        #expect((schemas?["cities.list"]?["properties"] as? [String: Any])?.keys.sorted() == ["id"])
        #expect((schemas?["cities"]?["properties"] as? [String: Any])?.keys.sorted() == ["id", "name"])
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
