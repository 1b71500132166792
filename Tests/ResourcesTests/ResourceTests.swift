#if Hummingbird
import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Repositories
import Testing

@testable import Resources

@Suite(.timeLimit(.minutes(2))) struct ResourceTests {
    @Test func `A resource reads and writes rows`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.city()) { (client) async throws in
            let list = try await client.get("/cities")
            #expect(list.status == 200)
            #expect(list.fields[.contentType] == "application/json")
            let start = #"{"count":5,"next":"/cities?page=2","previous":null,"results":[{"id":1,"name":"Berlin""#
            #expect(list.text.hasPrefix(start))
            #expect(list.fields[HTTPField.Name("Link")!] == #"</cities?page=2>; rel="next""#)

            let created = try await client.send(
                .post, "/cities", body: #"{"name": "Linz", "country_code": "AT", "id": 99, "population": 10}"#)
            #expect(created.status == 201)
            #expect(created.fields[.location] == "/cities/6")
            #expect(created.text.contains(#""name":"Linz","country_code":"AT","population":10"#))
            #expect(created.text.contains("/cities/6\"}"), "\(created.text)")

            let changed = try await client.send(.patch, "/cities/6", body: #"{"population": 11}"#)
            #expect(changed.status == 200)
            #expect(changed.text.contains(#""name":"Linz","country_code":"AT","population":11"#))
            let replaced = try await client.send(
                .put, "/cities/6", body: #"{"name": "Linz an der Donau", "country_code": "AT"}"#)
            #expect(replaced.text.contains(#""name":"Linz an der Donau","country_code":"AT","population":0"#))
            #expect(try await client.get("/cities/6").text == replaced.text)

            #expect(try await client.send(.delete, "/cities/6").status == 204)
            #expect(try await client.get("/cities/6").status == 404)
            #expect(try await client.send(.delete, "/cities/6").status == 404)
            #expect(try await client.send(.head, "/cities/1").status == 200)
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.post, "/cities", "{}", 400, #"{"name":["This field is required."]"#),
        (.post, "/cities", #"{"name": "A", "country_code": "DEU"}"#, 400, #"{"country_code":["Ensure this"#),
        (.post, "/cities", #"{"name": "A", "country_code": "DE", "population": "1"}"#, 400, #"{"population":["A val"#),
        (.post, "/cities", #"{"name": "A", "country_code": "DE", "nme": 1}"#, 400, #"{"nme":["#),
        (.post, "/cities", #"{"name": "#, 400, #"{"detail":"JSON parse error - Unexpected end"#),
        (.patch, "/cities/1", #"{"name": null}"#, 400, #"{"name":["This field may not be null."]}"#),
        (.patch, "/cities/99", "{}", 404, #"{"detail":"Not found."}"#),
        (.get, "/cities/x", "", 404, #"{"detail":"Not found."}"#),
        (.get, "/cities/1%00", "", 404, #"{"detail":"Not found."}"#),
        (.get, "/cities?nme=1", "", 400, #"{"nme":["Unknown parameter."]}"#),
        (.get, "/cities?population__lt=x", "", 400, #"{"population__lt":["A valid integer is required."]}"#),
        (.get, "/cities?population=1", "", 400, #"{"population":["Unknown parameter."]}"#),
        (.get, "/cities?name'%3B--=1", "", 400, #"{"name';--":["Unknown parameter."]}"#),
        (.get, "/cities?page=1000000000000000000", "", 400, #"{"page":["#),
        (.get, "/cities?page=0", "", 400, #"{"page":["#),
        (.get, "/cities?page=99", "", 404, #"{"detail":"Invalid page."}"#),
        (.get, "/cities?page_size=-1", "", 400, #"{"page_size":["#),
        (.get, "/cities?cursor=x", "", 400, #"{"cursor":["#),
        (.get, "/cities?fields=folded_name", "", 400, #"{"fields":["#),
        (.get, "/cities?ordering=folded_name", "", 400, #"{"ordering":["#),
        (.get, "/cities/1?page=1&x=2", "", 400, #"{"page":["Unknown parameter."]}"#),
        (.get, "/cities/1?fields=id&x=2", "", 400, #"{"x":["#),
        (.post, "/cities?nme=1", #"{"name": "A", "country_code": "DE"}"#, 400, #"{"nme":["Unknown parameter."]}"#),
        (.post, "/cities?population__lt=1", #"{"name": "A", "country_code": "DE"}"#, 400, #"{"population__lt":["#),
        (.put, "/cities/1?ordering=id", #"{"name": "A", "country_code": "DE"}"#, 400, #"{"ordering":["#),
        (.patch, "/cities/1?page=1", "{}", 400, #"{"page":["#),
        (.delete, "/cities/1?confirm=no", "", 400, #"{"confirm":["#),
        (.get, "/cities/", "", 404, #"{"detail":"Not found."}"#),
        (.get, "/cities/1/", "", 404, #"{"detail":"Not found."}"#),
        (.get, "/cities//1", "", 404, #"{"detail":"Not found."}"#),
        (.put, "/cities/", "{}", 404, #"{"detail":"Not found."}"#),
        (.put, "/cities", "{}", 405, #"{"detail":"Method \"PUT\" not allowed."}"#),
        (.post, "/cities/1", "{}", 405, #"{"detail":"Method \"POST\" not allowed."}"#),
    ])
    func `Bad input is an error that names the problem`(
        method: HTTPRequest.Method, path: String, body: String, status: Int, start: String
    ) async throws {
        let geography = try await Geography()
        try await withServer(of: geography.city()) { (client) async throws in
            let answer = try await client.send(method, path, body: body.isEmpty ? nil : body)
            #expect(answer.status == status)
            #expect(answer.text.hasPrefix(start), "\(answer.text)")
        }
    }

    @Test func `Problem details are sent to those who accept them`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.city()) { (client) async throws in
            let answer = try await client.get("/cities?page=0", [.accept: "application/problem+json, application/json"])
            #expect(answer.fields[.contentType] == "application/problem+json")
            #expect(answer.text.hasPrefix(#"{"status":400,"title":"Bad Request","detail":"#))
            #expect(answer.text.contains(#""errors":{"page":["#))
            let options = try await client.send(.options, "/cities/1")
            #expect(options.fields[.allow] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
            #expect(try await client.get("/cities", [.accept: "image/png"]).status == 406)
            #expect(
                try await client.send(.post, "/cities", [.contentType: "text/plain"], body: "x").status == 415)
        }
    }

    @Test(arguments: [
        (HTTPRequest.Method.patch, "/cities/1", nil as String?, 428), (.delete, "/cities/1", nil, 428),
        (.patch, "/cities/99", nil, 404), (.delete, "/cities/99", nil, 404), (.patch, "/cities/1", "anna", 404),
        (.delete, "/cities/4", "anna", 403), (.patch, "/cities/4", "anna", 428),
    ])
    func `A missing condition shows no more than that the row exists`(
        method: HTTPRequest.Method, path: String, user: String?, status: Int
    ) async throws {
        let geography = try await Geography()
        let city = Resource("cities", over: geography.cities) {
            Conditions(requiring: .updates)
            Permissions { exchange, action in
                guard exchange.userID == "anna" else { return .all }
                return .rows(action == .destroy ? CityFields.id == 3 : CityFields.country == "AT")
            }
        }
        try await withServer(of: city) { (client) async throws in
            let body = method == .patch ? "{}" : nil
            #expect(try await client.send(method, path, body: body, as: user).status == status)
        }
    }

    @Test func `Lists and single rows have bits and tags of their own`() async throws {
        let geography = try await Geography()
        let unit = HTTPField.Name("X-Unit")!
        let city = Resource("cities", over: geography.cities) {
            Caching(.minutes(15), in: geography.store)
                .adding(["statement": .headers(["x-unit"])], tags: ["lists"], to: .list)
                .adding(tags: ["row:{id}"], to: .retrieve)
            Conditions().adding(["unit": .headers(["x-unit"])], to: .retrieve)
        }
        try await withServer(of: city) { (client) async throws in
            func status(_ path: String, _ value: String) async throws -> String? {
                try await client.get(path, [unit: value]).cacheStatus
            }
            let (stored, hit) = ("ResponseCache; fwd=uri-miss; stored", "ResponseCache; hit")
            #expect(try await status("/cities", "m") == stored)
            #expect(try await status("/cities", "ft") == stored)
            #expect(try await status("/cities", "m") == hit)
            #expect(try await status("/cities?country_code=AT", "m") == stored, "a bit replaces none of the resource")
            #expect(try await status("/cities/1", "m") == stored)
            #expect(try await status("/cities/1", "ft") == hit)
            let tag = try #require(try await client.get("/cities/1", [unit: "m"]).fields[.eTag])
            #expect(try await client.get("/cities/1", [unit: "m", .ifNoneMatch: tag]).status == 304)
            #expect(try await client.get("/cities/1", [unit: "ft", .ifNoneMatch: tag]).status == 200)
            try await geography.store.purge(.tag("lists"))
            #expect(try await status("/cities", "m") == stored)
            #expect(try await status("/cities/1", "m") == hit)
            try await geography.store.purge(.tag("row:1"))
            #expect(try await status("/cities/1", "m") == stored)
        }
    }

    @Test func `Lists are filtered, searched, ordered and sparse`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.city()) { (client) async throws in
            func names(_ query: String) async throws -> String {
                try await client.get("/cities?fields=name&page_size=max&" + query).text
            }
            #expect(try await names("country_code=AT").contains(#""count":2"#))
            #expect(try await names("population__lt=1000000").contains(#"[{"name":"Graz""#))
            #expect(try await names("search=ien").contains(#""count":1"#))
            #expect(try await names("ordering=name").contains(#"[{"name":"Berlin""#))
            #expect(try await names("name__startswith=Mun&country_code=DE").contains(#""count":1"#))
            let csv = try await client.get("/cities?format=csv&fields=id,name&page_size=max")
            #expect(csv.fields[.contentType] == "text/csv; charset=utf-8")
            #expect(csv.text == "id,name\r\n1,Berlin\r\n3,Vienna\r\n2,Hamburg\r\n", "\(csv.text)")
        }
    }

    @Test func `Cursors lead through a list in both directions`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.city(Pagination(.cursor, size: 2))) { (client) async throws in
            func ids(_ text: String) -> [Int] {
                text.matches(of: /"id":(\d+)/).compactMap { Int($0.1) }
            }
            func link(_ text: String, _ name: String) -> String? {
                text.firstMatch(of: try! Regex("\"\(name)\":\"([^\"]*)\"")).map { String($0.output[1].substring ?? "") }
            }
            var pages: [[Int]] = []
            var path: String? = "/cities"
            var last = ""
            while let next = path {
                last = try await client.get(next).text
                pages.append(ids(last))
                path = link(last, "next")
            }
            #expect(pages == [[1, 3], [2, 5], [4]])
            #expect(!last.contains(#""count":"#))
            var back: [[Int]] = []
            path = link(last, "previous")
            while let previous = path {
                last = try await client.get(previous).text
                back.append(ids(last))
                path = link(last, "previous")
            }
            #expect(back == [[2, 5], [1, 3]])
            #expect(try await client.get("/cities?count=true").text.hasPrefix(#"{"count":5,"#))
            // A row before the position moves no page.
            let second = try #require(link(try await client.get("/cities").text, "next"))
            _ = try await client.send(.delete, "/cities/1")
            #expect(ids(try await client.get(second).text) == [2, 5])
        }
    }

    @Test func `Responses are cached until a write`() async throws {
        let geography = try await Geography()
        let city = geography.city()
        try await withServer(of: city) { (client) async throws in
            for path in ["/cities", "/cities/2"] {
                #expect(try await client.get(path).cacheStatus == "ResponseCache; fwd=uri-miss; stored")
                let before = geography.cities.count
                let hit = try await client.get(path)
                #expect(hit.cacheStatus == "ResponseCache; hit")
                let tag = try #require(hit.fields[.eTag])
                #expect(try await client.get(path, [.ifNoneMatch: tag]).status == 304)
                #expect(geography.cities.count == before, "a hit reads no rows")
            }
            let before = try await client.get("/cities/1").fields[.eTag]
            _ = try await client.send(.patch, "/cities/2", body: #"{"population": 5}"#)
            #expect(try await client.get("/cities").cacheStatus == "ResponseCache; fwd=uri-miss; stored")
            #expect(try await client.get("/cities/2").text.contains(#""population":5"#))
            #expect(try await client.get("/cities/1").fields[.eTag] == before, "another row keeps its tag")
            await city.invalidate()
            #expect(try await client.get("/cities").cacheStatus == "ResponseCache; fwd=uri-miss; stored")
        }
    }

    @Test(arguments: [(ResourceAction.list, ["/cities"]), (.retrieve, ["/cities/1"])])
    func `One action alone can be cached`(action: ResourceAction, cached: [String]) async throws {
        let geography = try await Geography()
        let city = Resource("cities", over: geography.cities) {
            Caching(.minutes(15), in: geography.store).only(action)
        }
        try await withServer(of: city) { (client) async throws in
            for path in ["/cities", "/cities/1"] {
                _ = try await client.get(path)
                let status = try await client.get(path).cacheStatus
                #expect(status == (cached.contains(path) ? "ResponseCache; hit" : nil))
            }
        }
    }

    @Test func `One of many updates with one tag succeeds`() async throws {
        let geography = try await Geography()
        try await withServer(of: geography.city()) { (client) async throws in
            let tag = try #require(try await client.get("/cities/1").fields[.eTag])
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await client.send(
                            .patch, "/cities/1", [.ifMatch: tag], body: #"{"population": \#(number + 1)}"#
                        ).status
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 1, 412: 99])
            #expect(try await client.send(.patch, "/cities/99", [.ifMatch: "*"], body: "{}").status == 404)
        }
    }
}
#endif
