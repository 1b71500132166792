#if Hummingbird
import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Repositories
import Synchronization
import Testing

@testable import Resources

@Suite(.timeLimit(.minutes(2))) struct NestedResourceTests {
    @Test func `Children belong to the parent in the path`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.country(geography.city())) { (client) async throws in
            #expect(try await client.get("/countries").text.contains(#""count":3"#))
            #expect(try await client.get("/countries/DE/cities").text.contains(#""count":3"#))
            #expect(try await client.get("/countries/DE/cities/1").text.contains("/countries/DE/cities/1\""))
            #expect(try await client.get("/countries/AT/cities/1").status == 404)
            #expect(try await client.get("/countries/ZZ/cities").status == 404)
            let created = try await client.send(.post, "/countries/AT/cities", body: #"{"name": "Linz"}"#)
            #expect(created.status == 201)
            #expect(created.text.contains(#""country_code":"AT""#))
            #expect(created.fields[.location] == "/countries/AT/cities/6")
            let contradicting = try await client.send(
                .post, "/countries/AT/cities", body: #"{"name": "Bonn", "country_code": "DE"}"#)
            #expect(contradicting.status == 400)
            #expect(contradicting.text.hasPrefix(#"{"country_code":["#))
            let moved = try await client.send(.patch, "/countries/AT/cities/3", body: #"{"country_code": "DE"}"#)
            #expect(moved.status == 400)
            #expect(try await client.send(.delete, "/countries/DE/cities/3").status == 404)
            #expect(try await client.get("/countries/AT/cities").text.contains(#""count":3"#))
        }
    }

    @Test func `A parent that becomes hidden hides its cached children`() async throws {
        let geography = try await Geography()
        geography.countryRules.withLock { $0 = { _, _ in .rows(CountryFields.isHidden == false) } }
        try await withServer(of: geography.country(geography.city())) { (client) async throws in
            #expect(try await client.get("/countries/XX/cities").status == 404)
            for status in ["fwd=uri-miss; stored", "hit"] {
                #expect(try await client.get("/countries/DE/cities").cacheStatus == "ResponseCache; \(status)")
                #expect(try await client.get("/countries/DE/cities/1").cacheStatus == "ResponseCache; \(status)")
            }
            // By a write to the parent, which its own rule for reading does not permit.
            let hiding = #"{"is_hidden": true}"#
            #expect(try await client.send(.patch, "/countries/DE", body: hiding, as: "a").status == 403)
            geography.countryRules.withLock {
                $0 = { exchange, _ in exchange.userID == "root" ? .all : .rows(CountryFields.isHidden == false) }
            }
            #expect(try await client.send(.patch, "/countries/DE", body: hiding, as: "root").status == 200)
            #expect(try await client.get("/countries/DE/cities").status == 404)
            #expect(try await client.get("/countries/DE/cities/1").status == 404)
            // By a change of the rule.
            #expect(try await client.get("/countries/AT/cities").status == 200)
            geography.countryRules.withLock { $0 = { _, _ in .hidden } }
            #expect(try await client.get("/countries/AT/cities").status == 404)
        }
    }

    @Test func `Users with different rows share no response`() async throws {
        let geography = try await Geography()
        geography.rules.withLock {
            $0 = { exchange, action in
                switch exchange.userID {
                case "anna"?: .rows(CityFields.country == "AT")
                case "dora"?: action == .destroy ? .rows(CityFields.id == 1) : .rows(CityFields.country == "DE")
                case "root"?: .all
                default: action.isReading ? .hidden : .refused
                }
            }
        }
        try await withServer(of: geography.city()) { (client) async throws in
            for _ in 0..<2 {
                #expect(try await client.get("/cities", as: "anna").text.contains(#""count":2"#))
                #expect(try await client.get("/cities", as: "dora").text.contains(#""count":3"#))
                #expect(try await client.get("/cities", as: "root").text.contains(#""count":5"#))
                #expect(try await client.get("/cities").status == 404)
                #expect(try await client.get("/cities/1", as: "anna").status == 404)
                #expect(try await client.get("/cities/1", as: "dora").status == 200)
            }
            #expect(try await client.get("/cities", as: "anna").cacheStatus == "ResponseCache; hit")
            let body = #"{"name": "Bonn", "country_code": "DE"}"#
            #expect(try await client.send(.post, "/cities", body: body).status == 401)
            #expect(try await client.send(.post, "/cities", body: body, as: "anna").status == 403)
            #expect(try await client.send(.post, "/cities", body: body, as: "dora").status == 201)
            let list = try await client.get("/cities", as: "anna")
            #expect(list.fields[.lastModified] == nil, "a change of the rule has no date")
            let date = try #require(try await client.get("/cities", as: "root").fields[.lastModified])
            #expect(try await client.get("/cities", [.ifModifiedSince: date], as: "root").status == 304)
            #expect(try await client.get("/cities", [.ifModifiedSince: date], as: "anna").status == 200)
            let moving = #"{"country_code": "DE"}"#
            #expect(try await client.send(.patch, "/cities/3", body: moving, as: "anna").status == 403)
            #expect(try await client.send(.delete, "/cities/2", as: "dora").status == 403)
            #expect(try await client.send(.delete, "/cities/3", as: "dora").status == 404)
            #expect(try await client.send(.delete, "/cities/1", as: "dora").status == 204)
            // A change takes effect on the next request.
            geography.rules.withLock { $0 = { _, _ in .rows(CityFields.id == 5) } }
            #expect(try await client.get("/cities", as: "anna").text.contains(#""count":1"#))
        }
    }

    @Test func `A row below several parents is cached until the join changes`() async throws {
        let geography = try await Geography()
        let (user, city) = (Field.text("user"), Field.integer("city"))
        let visits = try MemoryRepository(
            FieldSet("visits", Field.integer("id").key(), user, city),
            rows: RowBatch(columns: ["user", "city"], rows: [["DE", 1], ["DE", 1], ["AT", 1], ["DE", 3]]))
        let country = Resource("countries", over: geography.countries) {
            Caching(.minutes(15), in: geography.store)
            Nested(geography.city(), through: visits, from: user, to: city)
        }
        try await withServer(of: country) { (client) async throws in
            for status in ["fwd=uri-miss; stored", "hit"] {
                let list = try await client.get("/countries/DE/cities")
                #expect(list.text.contains(#""count":2"#))
                #expect(list.cacheStatus == "ResponseCache; \(status)")
                #expect(try await client.get("/countries/AT/cities/1").cacheStatus == "ResponseCache; \(status)")
            }
            #expect(try await client.get("/countries/AT/cities/3").status == 404)
            #expect(try await client.send(.patch, "/countries/AT/cities/3", body: "{}").status == 404)
            #expect(try await client.send(.post, "/countries/AT/cities", body: "{}").status == 405)
            #expect(try await client.send(.options, "/countries/AT/cities").fields[.allow] == "GET, HEAD, OPTIONS")
            let list = try await client.get("/countries/DE/cities")
            #expect(list.fields[.lastModified] == nil, "a change of the join has no date")
            _ = try await visits.applyAll(city == 1, setting: RowBatch?.none, limit: Int?.none)
            #expect(try await client.get("/countries/DE/cities").text.contains(#""count":1"#))
            #expect(try await client.get("/countries/AT/cities/1").status == 404)
        }
    }

    @Test func `Repeated requests see parents without caching and rules that select rows`() async throws {
        let geography = try await Geography()
        let country = Resource("countries", over: geography.countries) {
            Nested(geography.city(), by: CityFields.country)
        }
        try await withServer(of: country, geography.city()) { client in
            for _ in 0..<5 {
                #expect(try await client.get("/countries/DE/cities").status == 200)
                #expect(try await client.get("/countries/DE/cities/1").status == 200)
            }
            _ = try await geography.countries.applyAll(CountryFields.code == "DE", setting: nil, limit: nil)
            #expect(try await client.get("/countries/DE/cities").status == 404)
            #expect(try await client.get("/countries/DE/cities/1").status == 404)
            geography.rules.withLock { $0 = { _, _ in .rows(CityFields.id != 2) } }
            for _ in 0..<5 { #expect(try await client.get("/cities").text.contains(#""count":4"#)) }
            geography.rules.withLock { $0 = { _, _ in .rows(CityFields.id == 5) } }
            #expect(try await client.get("/cities").text.contains(#""count":1"#))
        }
    }

    @Test func `Mistakes in a declaration name the resource`() async throws {
        let geography = try await Geography()
        var settings = ResourceSettings()
        settings.order = [RowOrder("nothing")]
        #expect(Resource.mistake("cities", CityFields.all, settings)?.contains("'cities': the order has") == true)
        settings = ResourceSettings()
        settings.children = [Nested(geography.city(), by: CityFields.population)]
        #expect(
            Resource.mistake("countries", CountryFields.all, settings)?.contains("another type than the key") == true)
        let other = Field.integer("other_id")
        settings.children = [Nested(geography.city(), through: geography.cities, from: CityFields.name, to: other)]
        #expect(
            Resource.mistake("countries", CountryFields.all, settings)
                == "resource 'countries': the join of the nested resource 'cities' has no field 'other_id'")
        #expect(Resource.mistake("a//b", CityFields.all, ResourceSettings())?.contains("not a part of a path") == true)
        #expect(Resource.mistake("cities", CityFields.all, ResourceSettings()) == nil)
    }

    @Test func `Children without a rule are written where their parent may be changed`() async throws {
        let geography = try await Geography()
        geography.countryRules.withLock {
            $0 = { exchange, action in
                if action.isReading { return .rows(CountryFields.isHidden == false) }
                return exchange.userID == "anna" ? .rows(CountryFields.code == "AT") : .refused
            }
        }
        let cities = Resource("cities", over: geography.cities)
        try await withServer(of: geography.country(cities)) { (client) async throws in
            let body = #"{"name": "Linz"}"#
            for (path, user, status) in [
                ("/countries/AT/cities", "anna", 201), ("/countries/DE/cities", "anna", 403),
                ("/countries/AT/cities", "bert", 403), ("/countries/AT/cities", nil, 401),
                ("/countries/XX/cities", "anna", 404),
            ] as [(String, String?, Int)] {
                #expect(
                    try await client.send(.post, path, body: body, as: user).status == status, "\(path) \(user ?? "")")
            }
            for (path, user, status) in [
                ("/countries/AT/cities/3", "anna", 200), ("/countries/DE/cities/1", "anna", 403),
                ("/countries/AT/cities/3", "bert", 403), ("/countries/AT/cities/3", nil, 401),
                ("/countries/AT/cities/1", "anna", 404),
            ] as [(String, String?, Int)] {
                #expect(
                    try await client.send(.patch, path, body: #"{"population": 5}"#, as: user).status == status,
                    "\(path) \(user ?? "")")
            }
            #expect(try await client.send(.delete, "/countries/DE/cities/1", as: "anna").status == 403)
            #expect(try await client.get("/countries/DE/cities/1", as: "bert").status == 200)
        }
    }

    @Test func `The rule of a child decides alone on writes`() async throws {
        let geography = try await Geography()
        geography.countryRules.withLock { $0 = { _, action in action.isReading ? .all : .refused } }
        let cities = Resource("cities", over: geography.cities) { Permissions { _, _ in .all } }
        try await withServer(of: geography.country(cities)) { (client) async throws in
            #expect(try await client.send(.post, "/countries/AT/cities", body: #"{"name": "Linz"}"#).status == 201)
        }
    }

    @Test func `Children have no date, because a parent can change their responses`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.country(geography.city())) { (client) async throws in
            let list = try await client.get("/countries/AT/cities")
            #expect(list.status == 200)
            #expect(list.fields[.lastModified] == nil)
            #expect(try await client.send(.delete, "/countries/AT").status == 204)
            let date: HTTPFields = [.ifModifiedSince: "Sat, 01 Jan 2050 00:00:00 GMT"]
            #expect(try await client.get("/countries/AT/cities", date).status == 404)
        }
    }

    @Test func `A row that a rule hides is an error for this user only`() async throws {
        let geography = try await Geography()
        geography.rules.withLock { $0 = { _, _ in .rows(CityFields.id == 1) } }
        try await withServer(of: geography.city()) { (client) async throws in
            let hidden = try await client.get("/cities/2", as: "anna")
            #expect(hidden.status == 404)
            #expect(hidden.fields[.cacheControl] == "private, no-cache")
            #expect(try await client.get("/cities?page=x", as: "anna").fields[.cacheControl] == "private, no-cache")
        }
    }
}
#endif
