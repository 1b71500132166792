import Foundation
import HTTPTypes
import Hummingbird
import TestSupport
import Testing

@testable import Cities

@Suite(.timeLimit(.minutes(5)))
struct CitiesChannelHitsTests {
    private static let secret = "cities-test-secret"

    @Test func `Repeated requests are answered in the channel until a write`() async throws {
        try await CitiesServer.run(administrationSecret: Self.secret) { send in
            let target = "/cities?country_code=DE"
            let first = try await send(.get, target)
            let tag = try #require(first.tag)
            for fields in [[:], [.ifNoneMatch: tag]] as [HTTPFields] {
                let before = try await Self.answered(send)
                // Last-Modified is sent, and responses are kept, once its second is over.
                try await eventually {
                    for _ in 0..<10 {
                        let response = try await send(.get, target, fields)
                        #expect(response.status == (fields.isEmpty ? 200 : 304))
                        #expect(response.tag == tag)
                        #expect(response.text == (fields.isEmpty ? first.text : ""))
                    }
                    return try await Self.answered(send) > before
                }
            }
            #expect(try await send.queries("cities") == 1)
            let body = """
                {"name": "Channel", "country_code": "DE", "admin1_code": "", "population": 5, "latitude": 52,
                "longitude": 21.5, "timezone": "Europe/Berlin"}
                """
            let created = try await send(.post, "/cities", [.contentType: "application/json"], body: body)
            try #require(created.status == 201, "\(created.text)")
            for fields in [[:], [.ifNoneMatch: tag]] as [HTTPFields] {
                let response = try await send(.get, target, fields)
                #expect(response.status == 200)
                #expect(response.tag != tag)
            }
        }
    }

    /// The number of requests that were answered in the channel, as the administration shows it.
    private static func answered(_ send: CitiesServer) async throws -> Int {
        let statistics = try await send(
            .get, "/cache-administration/statistics", [.authorization: "Bearer \(secret)"])
        let figures = try #require(statistics.object["below_framework"] as? [String: Any])
        return try #require(figures["hits"] as? Int)
    }
}
