#if Hummingbird
import CacheMiddleware
import ETag
import Foundation
import HTTPPipeline
import HTTPTypes
import NIOCore
import Repositories
import Synchronization
import Testing

@testable import Resources

@Suite(.timeLimit(.minutes(2))) struct ExtraActionTests {
    private static func reply(_ text: String) -> Reply {
        Reply(status: .ok, body: ReplyBody(ByteBuffer(string: text)))
    }

    private func city(_ geography: Geography) -> Resource {
        Resource("cities", over: geography.cities) {
            Conditions(requiring: .updates)
            Caching(.minutes(15), in: geography.store).including(.extra("total"))
            Permissions { exchange, action in geography.rules.withLock { $0 }(exchange, action) }
            ListAction("total", parameters: ["unit"]) { rows, exchange in
                let batch = try await geography.cities.rows(RowQuery(rows, fields: ["population"]))
                let total = (0..<batch.rowCount).reduce(Int64(0)) { total, row in
                    guard case .integer(let value)? = batch.value(row: row, field: "population") else { return total }
                    return total + value
                }
                return Self.reply("\(total)\(exchange.queryParameters["unit"] ?? "")")
            }
            DetailAction("name") { row, _ in
                Self.reply(row.value(row: 0, field: "folded_name").map { "\($0)" } ?? "")
            }
            DetailAction("double", .post) { row, exchange in
                guard case .integer(let id)? = row.value(row: 0, field: "id"),
                    case .integer(let population)? = row.value(row: 0, field: "population")
                else { throw FieldErrors(field: "population", "unknown") }
                if exchange.userID == "careless" { throw FieldErrors(field: "user", "This is not possible.") }
                _ = try await geography.cities.apply(
                    RowWrite(.update, RowBatch(["id": .integer(id), "population": .integer(population * 2)])))
                return Reply(status: .noContent)
            }
            DetailAction("double", .delete) { _, _ in Reply(status: .noContent) }
        }
    }

    @Test func `Extra actions get the rows that a request may use`() async throws {
        let geography = try await Geography()
        geography.rules.withLock {
            $0 = { exchange, action in
                switch (exchange.userID, action) {
                case ("anna"?, .extra("double")): .rows(CityFields.id == 4)
                case ("anna"?, _): .rows(CityFields.country == "AT")
                case (nil, .extra("double")): .refused
                default: .all
                }
            }
        }
        let city = city(geography)
        try await withServer(of: city, geography.country(city)) { (client) async throws in
            #expect(try await client.get("/cities/total").text == "8282717")
            #expect(try await client.get("/cities/total?unit=m&population__lt=1000000").text == "222326m")
            #expect(try await client.get("/cities/total", as: "anna").text == "1922326")
            #expect(try await client.get("/countries/AT/cities/total").text == "1922326")
            #expect(try await client.get("/countries/ZZ/cities/total").status == 404)
            #expect(try await client.get("/cities/total?page=1").status == 400)
            #expect(try await client.get("/cities/total?nme=x").text == #"{"nme":["Unknown parameter."]}"#)
            #expect(try await client.get("/cities/1/name").text.contains("berlin"))
            #expect(try await client.get("/cities/1/name", as: "anna").status == 404)
            #expect(try await client.get("/cities/99/name").status == 404)
            #expect(try await client.get("/cities/1/name?x=1").status == 400)
            #expect(try await client.get("/countries/AT/cities/1/name").status == 404)
            #expect(try await client.send(.post, "/cities/4/double").status == 401)
            #expect(try await client.send(.post, "/cities/3/double", as: "anna").status == 403)
            #expect(try await client.send(.post, "/cities/1/double", as: "anna").status == 404)
            #expect(try await client.send(.post, "/cities/4/double", as: "anna").status == 204)
            let refused = try await client.send(.post, "/cities/4/double", as: "careless")
            #expect(refused.text == #"{"user":["This is not possible."]}"#)
            #expect(refused.status == 400)
        }
    }

    @Test func `Extra actions are cached, tagged and invalidated`() async throws {
        let geography = try await Geography()
        try await withServer(of: city(geography)) { (client) async throws in
            for status in ["fwd=uri-miss; stored", "hit"] {
                for path in ["/cities/total", "/cities/1"] {
                    #expect(try await client.get(path).cacheStatus == "ResponseCache; \(status)")
                }
                #expect(try await client.get("/cities/1/name").cacheStatus == nil)
            }
            let tag = try #require(try await client.get("/cities/total").fields[.eTag])
            #expect(try await client.get("/cities/total", [.ifNoneMatch: tag]).status == 304)
            #expect(try await client.send(.post, "/cities/1/double", [.ifMatch: tag]).status == 412)
            #expect(try await client.send(.post, "/cities/1/double").status == 204)
            #expect(try await client.get("/cities/total", [.ifNoneMatch: tag]).text == "11682717")
            #expect(try await client.get("/cities/1").text.contains(#""population":6800000"#))
        }
    }

    @Test func `Other methods of an action are answered`() async throws {
        let geography = try await Geography()
        try await withServer(of: city(geography)) { (client) async throws in
            #expect(try await client.send(.options, "/cities/1/double").fields[.allow] == "DELETE, OPTIONS, POST")
            #expect(try await client.send(.options, "/cities/total").fields[.allow] == "GET, HEAD, OPTIONS")
            #expect(try await client.get("/cities/1/double").status == 405)
            #expect(try await client.send(.delete, "/cities/1/double").status == 204)
            #expect(try await client.get("/cities/1").status == 200)
            #expect(try await client.send(.head, "/cities/total").fields[.contentLength] == "7")
        }
    }

    @Test func `Extra actions are described`() async throws {
        let geography = try await Geography()
        let document = OpenAPIDocument(title: "Geography", version: "1", city(geography))
        let object = try JSONSerialization.jsonObject(with: Data(document.json.utf8)) as? [String: Any]
        let paths = try #require(object?["paths"] as? [String: [String: Any]])
        let total = try #require(paths["/cities/total"]?["get"] as? [String: Any])
        #expect(total["operationId"] as? String == "cities-total")
        let parameters = total["parameters"] as? [[String: Any]] ?? []
        let names = parameters.compactMap { $0["name"] as? String ?? $0["$ref"] as? String }
        #expect(names.contains("unit") && names.contains("#/components/parameters/cities.population__lt"))
        #expect(!names.contains { $0.contains("page") })
        let double = Set(paths["/cities/{id}/double"]?.keys.map { $0 } ?? [])
        #expect(double == ["post", "delete", "options", "parameters"])
    }

    private struct Mistake: Sendable {
        var features: [any ResourceFeature]
        var text: String

        init(_ features: any ResourceFeature..., text: String) { (self.features, self.text) = (features, text) }
    }

    private static let mistakes = [
        Mistake(list("a/b"), text: "'a/b' is not a part of a path"),
        Mistake(list("list"), text: "the action 'list' has the name of a route"),
        Mistake(list("a"), detail("a"), text: "the action 'a' is one on the list and one on single rows"),
        Mistake(detail("a"), detail("a"), text: "two actions are named 'a' and have the same method"),
        Mistake(detail("a", .options), text: "the action 'a' has the method OPTIONS, which resources handle"),
    ]

    private static func list(_ name: String) -> ListAction { ListAction(name) { _, _ in reply("") } }

    private static func detail(_ name: String, _ method: HTTPRequest.Method = .get) -> DetailAction {
        DetailAction(name, method) { _, _ in reply("") }
    }

    @Test(arguments: mistakes)
    private func `Mistakes in actions name the resource`(mistake: Mistake) {
        var settings = ResourceSettings()
        for feature in mistake.features { feature.apply(to: &settings) }
        #expect(Resource.mistake("cities", CityFields.all, settings) == "resource 'cities': \(mistake.text)")
    }
}
#endif
