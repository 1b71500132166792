import CacheMiddleware
import Foundation
import HTTPTypes
import KeyConstructor
import NIOCore
import Testing

@testable import Cities

@Suite struct CitiesTests {
    static let berlin = "/cities/2950159"
    static let alice: HTTPFields = [.authorization: "Bearer alice-secret"]
    static let bob: HTTPFields = [.authorization: "Bearer bob-secret"]
    private static let json: HTTPFields = [.contentType: "application/json"]

    @Test func `The second list request is a hit, or a 304`() async throws {
        try await CitiesServer.run { send in
            let first = try await send(.get, "/cities?country_code=DE&page_size=3")
            #expect(first.status == 200)
            #expect(first.cacheStatus == "ResponseCache; fwd=uri-miss; stored")
            #expect(first.names == ["Berlin", "Hamburg", "Munich"])
            let second = try await send(.get, "/cities?page_size=3&country_code=DE")
            #expect(second.cacheStatus == "ResponseCache; hit")
            #expect(second.text == first.text)
            #expect(try await send.queries("cities") == 1)

            let head = try await send(.head, "/cities?country_code=DE&page_size=3")
            #expect(head.cacheStatus == "ResponseCache; hit")
            #expect(head[.contentLength] == String(first.text.utf8.count))

            let current = try await send(
                .get, "/cities?country_code=DE&page_size=3", [.ifNoneMatch: try #require(first.tag)])
            #expect(current.status == 304)
            #expect(current[.vary] == "Accept, Accept-Language, Accept-Encoding")
            #expect(current.text.isEmpty)
            #expect(try await send.queries("cities") == 1)
        }
    }

    @Test func `A write needs the current tag and invalidates lists`() async throws {
        try await CitiesServer.run { send in
            let list = try await send(.get, "/cities?country_code=DE&page_size=1")
            let tag = try #require(try await send(.get, Self.berlin).tag)
            let otherTag = try await send(.get, "/cities/3169070").tag
            let change = #"{"population": 3755251}"#

            let refused = try await send(.patch, Self.berlin, [.ifMatch: "\"other\""], body: change)
            #expect(refused.status == 412)
            #expect(try await send.lastWrite().contains("3755251") == false)

            let accepted = try await send(.patch, Self.berlin, [.ifMatch: tag], body: change)
            #expect(accepted.status == 200)
            #expect(accepted.object["population"] as? Int == 3_755_251)
            let fresh = try await send(.get, Self.berlin)
            #expect(fresh.tag == accepted.tag)
            #expect(fresh.tag != tag)
            #expect(fresh.object["population"] as? Int == 3_755_251)
            #expect(fresh.object["timezone"] as? String == "Europe/Berlin", "other columns are unchanged")

            #expect(try await send(.patch, Self.berlin, [.ifMatch: tag], body: change).status == 412)
            let newList = try await send(
                .get, "/cities?country_code=DE&page_size=1", [.ifNoneMatch: try #require(list.tag)])
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

    @Test func `A partial update writes the submitted column`() async throws {
        try await CitiesServer.run { send in
            #expect(try await send(.patch, Self.berlin, body: #"{"population": 5}"#).status == 200)
            let update = try await send.lastWrite()
            #expect(
                update.hasPrefix(#"UPDATE "cities" SET "population" = 5, "version" = "cities"."version" + 1 WHERE"#))
            #expect(try await send(.patch, Self.berlin, body: #"{"name": "Bärlin"}"#).status == 200)
            let renamed = try await send.lastWrite()
            #expect(renamed.contains(#"SET "name" = 'Bärlin', "folded_name" = 'barlin', "version""#))
            #expect(try await send(.patch, Self.berlin, body: "{}").status == 200)
            #expect(try await send.lastWrite() == renamed, "nothing submitted, nothing written")
        }
    }

    @Test func `An asterisk matches only an existing city`() async throws {
        try await CitiesServer.run { send in
            let change = #"{"population": 7}"#
            #expect(try await send(.patch, Self.berlin, [.ifMatch: "*"], body: change).status == 200)
            #expect(try await send(.patch, Self.berlin, [.ifNoneMatch: "*"], body: change).status == 412)
            let missing = try await send(.patch, "/cities/99999999", [.ifMatch: "*"], body: change)
            #expect(missing.status == 404)
            #expect(missing.tag == nil)
            #expect(try await send(.patch, "/cities/99999999", [.ifNoneMatch: "*"], body: change).status == 404)
        }
    }

    @Test func `A compressed response has its own tag`() async throws {
        // Both tags serve for everything.
        try await CitiesServer.run { send in
            let plain = try await send(.get, "/cities?country_code=IT")
            let gzip = try await send(.get, "/cities?country_code=IT", [.acceptEncoding: "gzip"])
            #expect(gzip[.contentEncoding] == "gzip")
            #expect(gzip.size * 2 < plain.size)
            #expect(try #require(gzip.tag) == #require(plain.tag).dropLast() + ";gzip\"")
            for tag in [try #require(plain.tag), try #require(gzip.tag)] {
                let current = try await send(
                    .get, "/cities?country_code=IT", [.acceptEncoding: "gzip", .ifNoneMatch: tag])
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
            #expect(try await send(.get, "/cities?search=ZROD").names == ["Źródło"])
            let replaced = try await send(.put, path, body: city.replacing("Źródło", with: "Nowe"))
            #expect(replaced.object["name"] as? String == "Nowe")
            #expect(try await send(.delete, path).status == 401)
            #expect(try await send(.delete, path, Self.bob).status == 403)
            #expect(try await send(.delete, path, Self.alice).status == 204)
            #expect(try await send(.get, path).status == 404)
            #expect(try await send(.delete, path, Self.alice).status == 404)
        }
    }

    @Test func `An invalid field is named and changes nothing`() async throws {
        try await CitiesServer.run { send in
            let queries = [
                ("cursor=x", "cursor"), ("page=1", "page"), ("page_size=0", "page_size"), ("ordering=size", "ordering"),
                ("population__gte=many", "population__gte"), ("country=DE", "country"), ("fields=token", "fields"),
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
                ("[1]", ["non_field_errors"]), ("", ["detail"]),
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
            for path in ["/cities/99999999", "/cities/abc", "/nowhere"] {
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
            let users = [("alice", Self.alice, 2_950_159, "Berlin"), ("bob", Self.bob, 2_988_507, "Paris")]
            for (user, fields, city, _) in users {
                let created = try await send(
                    .post, "/users/\(user)/favourites", fields, body: #"{"city_id": \#(city)}"#)
                #expect(created.status == 201)
                let again = try await send(.post, "/users/\(user)/favourites", fields, body: #"{"city_id": \#(city)}"#)
                #expect(again.status == 400)
            }
            for round in 0..<2 {
                for (user, fields, _, name) in users {
                    let response = try await send(.get, "/users/\(user)/favourites", fields)
                    #expect(response.text.contains(name))
                    #expect(response.object["count"] as? Int == 1)
                    #expect(response[.cacheControl] == "private, no-cache")
                    #expect(
                        response.cacheStatus
                            == (round == 0 ? "ResponseCache; fwd=uri-miss; stored" : "ResponseCache; hit"))
                }
            }
            #expect(try await send(.get, "/users/bob/favourites", Self.alice).status == 404)
            #expect(try await send(.get, "/users/bob", Self.alice).status == 404)
            for fields in [[:], [.authorization: "Bearer wrong"]] as [HTTPFields] {
                let response = try await send(.get, "/users/alice/favourites", fields)
                #expect(response.status == 401)
                #expect(response[.wwwAuthenticate] == "Bearer")
            }
            // The list has the names of another table.
            #expect(try await send(.patch, Self.berlin, body: #"{"name": "Bärlin"}"#).status == 200)
            #expect(try await send(.get, "/users/alice/favourites", Self.alice).text.contains("Bärlin"))
        }
    }

    @Test func `The cities of a country are a list of their own`() async throws {
        try await CitiesServer.run { send in
            let list = try await send(.get, "/countries/AT/cities?page_size=2")
            #expect(list.names == ["Vienna", "Graz"])
            let next = try #require(list.object["next"] as? String)
            #expect(try await send(.get, next).names == ["Linz", "Favoriten"])
            #expect(try await send(.get, "/countries/QQ/cities").status == 404)
            #expect(try await send(.get, "/countries/AT/cities/2950159").status == 404)
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

    @Test func `The administration explains the key that is the entity tag`() async throws {
        try await CitiesServer.run(administrationSecret: "cities-test-secret") { send in
            for (target, route, language) in [
                ("/cities?country_code=DE", "cities-list", "de"), (Self.berlin, "cities-detail", "en"),
            ] {
                let response = try await send(.get, target, [.acceptLanguage: language])
                let explained = try await send(
                    .get,
                    "/cache-administration/keys/\(route)?target=\(target.replacing("?", with: "%3F"))&format=json"
                        + "&language=\(language)",
                    [.authorization: "Bearer cities-test-secret"])
                let key = try #require(response.tag).replacing("\"", with: "")
                #expect(explained.text.contains(#""key": "\#(key)""#))
                #expect(explained.text.contains(#""body_bytes""#), "the entry under the key")
            }
        }
    }
}
