import CacheMiddleware
import Foundation
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

@testable import Cities

@Suite struct CitiesTests {
    static let berlin = "/cities/2950159"
    static let explainKey = HTTPField.Name("X-Explain-Key")!
    static let cacheKey = HTTPField.Name("X-Cache-Key")!

    @Test func `The second list request is a hit, or a 304`() async throws {
        try await CitiesServer.run { send in
            let first = try await send(.get, "/cities?country=DE&page_size=3")
            #expect(first.status == 200)
            #expect(first.cacheStatus == "ResponseCache; fwd=uri-miss; stored")
            #expect(first.names == ["Berlin", "Hamburg", "Munich"])
            let second = try await send(.get, "/cities?page_size=3&country=DE")
            #expect(second.cacheStatus == "ResponseCache; hit")
            #expect(second.text == first.text)
            #expect(try await send.runs("CityListView.get") == 1)

            let head = try await send(.head, "/cities?country=DE&page_size=3")
            #expect(head.cacheStatus == "ResponseCache; hit")
            #expect(head[.contentLength] == String(first.text.utf8.count))

            let current = try await send(
                .get, "/cities?country=DE&page_size=3", [.ifNoneMatch: try #require(first.tag)])
            #expect(current.status == 304)
            #expect(current[.vary] == "Accept, Accept-Language, Accept-Encoding")
            #expect(current.text.isEmpty)
            #expect(try await send.runs("CityListView.get") == 1)
        }
    }

    @Test func `A write needs the current tag and invalidates lists`() async throws {
        try await CitiesServer.run { send in
            let list = try await send(.get, "/cities?country=DE&page_size=1")
            let tag = try #require(try await send(.get, Self.berlin).tag)
            let otherTag = try await send(.get, "/cities/3169070").tag
            let change = #"{"population": 3755251}"#

            let refused = try await send(.patch, Self.berlin, [.ifMatch: "\"other\""], body: change)
            #expect(refused.status == 412)
            #expect(try await send.runs("CityView.patch") == 0)

            let accepted = try await send(.patch, Self.berlin, [.ifMatch: tag], body: change)
            #expect(accepted.status == 200)
            #expect(accepted.object["population"] as? Int == 3_755_251)
            let fresh = try await send(.get, Self.berlin)
            #expect(fresh.tag == accepted.tag)
            #expect(fresh.tag != tag)
            #expect(fresh.object["population"] as? Int == 3_755_251)
            #expect(fresh.object["timezone"] as? String == "Europe/Berlin", "other columns are unchanged")

            #expect(try await send(.patch, Self.berlin, [.ifMatch: tag], body: change).status == 412)
            let newList = try await send(.get, "/cities?country=DE&page_size=1", [.ifNoneMatch: try #require(list.tag)])
            #expect(newList.status == 200)
            #expect(newList.text.contains("3755251"))
            #expect(try await send(.get, "/cities/3169070").tag == otherTag, "another city is unchanged")
        }
    }

    @Test func `Exactly one of a hundred concurrent updates succeeds`() async throws {
        // All have the same tag.
        try await CitiesServer.run { send in
            let tag = try #require(try await send(.get, Self.berlin).tag)
            let statuses = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for population in 0..<100 {
                    group.addTask {
                        let response = try await send(
                            .patch, Self.berlin, [.ifMatch: tag], body: #"{"population": \#(population)}"#)
                        return (response.status, population)
                    }
                }
                return try await group.reduce(into: [Int: [Int]]()) { $0[$1.0, default: []].append($1.1) }
            }
            #expect(statuses[200]?.count == 1)
            #expect(statuses[412]?.count == 99)
            #expect(try await send(.get, Self.berlin).object["population"] as? Int == statuses[200]?.first)
        }
    }

    @Test func `A write outside the API is not overwritten`() async throws {
        let store = MemoryStore(byteLimit: 1 << 20)
        let folder = FileManager.default.temporaryDirectory.appending(path: "cities-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let repository = CityRepository(
            database: try CitiesDatabase.open(
                path: folder.appending(path: "cities.sqlite").path, updatedAt: VersionStamp("cities", in: store),
                invalidations: InvalidationService(in: store)))
        let input = try CityInput(
            JSONBody(ByteBuffer(string: #"{"population": 5}"#)), isPartial: true, countryCodes: [])
        let version = try #require(try await repository.version(2_950_159))
        _ = try await repository.update(2_950_159, with: input, replacing: version, language: "en")
        #expect(try await repository.version(2_950_159) == version + 1)
        for attempt in 0..<2 {
            let error = try await #require(throws: APIError.self) {
                if attempt == 0 {
                    _ = try await repository.update(2_950_159, with: input, replacing: version, language: "en")
                } else {
                    try await repository.delete(2_950_159, version: version)
                }
            }
            #expect(error.status == .preconditionFailed)
        }
        let missing = try await #require(throws: APIError.self) { try await repository.delete(1, version: 1) }
        #expect(missing.status == .notFound)
        _ = try await repository.update(2_950_159, with: input, replacing: nil, language: "en")
        try await repository.delete(2_950_159, version: version + 2)
    }

    @Test func `An asterisk matches only an existing city`() async throws {
        try await CitiesServer.run { send in
            let change = #"{"population": 7}"#
            #expect(try await send(.patch, Self.berlin, [.ifMatch: "*"], body: change).status == 200)
            #expect(try await send(.patch, Self.berlin, [.ifNoneMatch: "*"], body: change).status == 412)
            let missing = try await send(.patch, "/cities/99999999", [.ifMatch: "*"], body: change)
            #expect(missing.status == 412)
            #expect(missing.tag == nil)
            #expect(try await send(.patch, "/cities/99999999", [.ifNoneMatch: "*"], body: change).status == 404)
        }
    }

    @Test func `A compressed response has its own tag`() async throws {
        // Both tags serve for everything.
        try await CitiesServer.run { send in
            let plain = try await send(.get, "/cities?country=IT")
            let gzip = try await send(.get, "/cities?country=IT", [.acceptEncoding: "gzip"])
            #expect(gzip[.contentEncoding] == "gzip")
            #expect(gzip.size * 2 < plain.size)
            #expect(try #require(gzip.tag) == #require(plain.tag).dropLast() + ";gzip\"")
            for tag in [try #require(plain.tag), try #require(gzip.tag)] {
                let current = try await send(
                    .get, "/cities?country=IT", [.acceptEncoding: "gzip", .ifNoneMatch: tag])
                #expect(current.status == 304)
                #expect(current.tag == tag)
                #expect(current[.contentEncoding] == nil)
            }
            #expect(try await send(.get, "/", [.acceptEncoding: "identity;q=0"]).status == 406)
            let page = try await send(.get, "/")
            #expect(try await send(.get, "/", [.ifNoneMatch: try #require(page.tag)]).status == 304)
        }
    }

    @Test func `A city is created, replaced and deleted`() async throws {
        try await CitiesServer.run { send in
            let city = """
                {"name": "Źródło", "country_code": "PL", "admin1_code": "", "population": 5, "latitude": 52,
                "longitude": 21.5, "timezone": "Europe/Warsaw"}
                """
            let made = try await send(.post, "/cities", body: city)
            #expect(made.status == 201)
            let path = try #require(made[.location])
            #expect(try await send(.get, path).object["country_name"] as? String == "Poland")
            #expect(try await send(.get, "/cities?name=zrod").names == ["Źródło"])
            let replaced = try await send(.put, path, body: city.replacing("Źródło", with: "Nowe"))
            #expect(replaced.object["name"] as? String == "Nowe")
            #expect(try await send(.delete, path).status == 204)
            #expect(try await send(.get, path).status == 404)
            #expect(try await send(.delete, path).status == 404)
        }
    }

    @Test func `An invalid field is named and changes nothing`() async throws {
        try await CitiesServer.run { send in
            let queries = [
                ("page=x", "page"), ("page=0", "page"), ("page_size=101", "page_size"), ("sort=size", "sort"),
                ("min_population=-1", "min_population"), ("country=DEU", "country"), ("page=", "page"),
            ]
            for (query, field) in queries {
                let response = try await send(.get, "/cities?\(query)")
                #expect(response.status == 400, "\(query)")
                #expect(Array(response.object.keys) == [field], "\(query)")
            }
            let bodies = [
                (#"{"population": "many"}"#, ["population"]),
                (#"{"population": -5, "latitude": 91}"#, ["latitude", "population"]),
                (#"{"people": 5}"#, ["people"]), (#"{"name": ""}"#, ["name"]),
                (#"{"country_code": "QQ"}"#, ["country_code"]),
                (#"{"population": 1.5}"#, ["population"]), (#"{"name": null}"#, ["name"]),
                (#"{"population": "#, ["detail"]),
                ("[1]", ["detail"]), ("", ["detail"]),
            ]
            let before = try await send(.get, Self.berlin)
            for (body, fields) in bodies {
                let response = try await send(.patch, Self.berlin, body: body)
                #expect(response.status == 400, "\(body)")
                #expect(response.object.keys.sorted() == fields, "\(body)")
            }
            let after = try await send(.get, Self.berlin)
            #expect(after.tag == before.tag)
            #expect(after.cacheStatus == "ResponseCache; hit")
            for path in ["/cities/99999999", "/cities/abc", "/cities/02950159", "/nowhere"] {
                let response = try await send(.get, path)
                #expect(response.status == 404)
                #expect((response.object["detail"] as? String)?.isEmpty == false)
            }
            let empty = try await send(.post, "/cities", body: "{}")
            #expect(empty.status == 400)
            #expect(empty.object.count == 7, "every missing field is named")
        }
    }

    @Test func `Two users never see each other's response`() async throws {
        try await CitiesServer.run { send in
            let users = ["alice", "bob"].map { user -> HTTPFields in [.authorization: "Bearer \(user)-secret"] }
            #expect(try await send(.put, "/me/favourites/2950159", users[0]).status == 204)
            #expect(try await send(.put, "/me/favourites/2988507", users[1]).status == 204)
            for round in 0..<2 {
                for (fields, expected) in zip(users, ["Berlin", "Paris"]) {
                    let response = try await send(.get, "/me/favourites", fields)
                    #expect(response.names == [expected])
                    #expect(
                        response.cacheStatus
                            == (round == 0 ? "ResponseCache; fwd=uri-miss; stored" : "ResponseCache; hit"))
                }
            }
            for fields in [[:], [.authorization: "Bearer wrong"]] as [HTTPFields] {
                let response = try await send(.get, "/me/favourites", fields)
                #expect(response.status == 401)
                #expect(response[.wwwAuthenticate] == "Bearer")
            }
        }
    }

    @Test func `Each language and format has its own key and tag`() async throws {
        try await CitiesServer.run { send in
            var tags: Set<String> = []
            for (fields, query, name) in [
                ([:], "", "Austria"), ([.acceptLanguage: "de-CH, en;q=0.5"], "", "Österreich"),
                ([.accept: "text/csv"], "", "Austria"), ([.acceptLanguage: "de"], "?format=csv", "Österreich"),
            ] as [(HTTPFields, String, String)] {
                let response = try await send(.get, "/countries\(query)", fields)
                #expect(response.text.contains(name))
                #expect(
                    response[.contentType]
                        == (query.isEmpty && fields[.accept] == nil ? "application/json" : "text/csv; charset=utf-8"))
                tags.insert(try #require(response.tag))
            }
            #expect(tags.count == 4)
            let refused = try await send(.get, "/countries", [.accept: "image/png"])
            #expect(refused.status == 406)
            #expect(refused.text.contains("text/csv"))
        }
    }

    @Test func `The entity tag is the digest of the explained key`() async throws {
        try await CitiesServer.run { send in
            let target = "/cities?country=DE&page=2&utm_source=x"
            let explained = try await send(.get, target, [Self.explainKey: "true"])
            #expect(explained.text.contains(#""pagination": {"page": "2"}, "query_parameters": {"country": "DE"}"#))
            let key = CacheKey(digestOf: explained.text).description
            #expect(explained[Self.cacheKey] == key)
            #expect(try await send(.get, target).tag == "\"\(key)\"")
        }
    }
}
