import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineSettings
import PipelineTesting
import Testing

@Suite struct SettingsMiddlewareTests {
    static func row(_ value: Int) -> Attributes {
        var attributes = Attributes()
        attributes[RetrieveModelValues.self] = ModelValues([[.integer(value)]])
        attributes[ListModelValues.self] = ModelValues([[.integer(value)]])
        return attributes
    }

    @Test(arguments: Settings.APIEndpoint.allCases)
    func `An API's tags follow the rows`(endpoint: Settings.APIEndpoint) async throws {
        let service = Service(.standard, placing: .apiTags(endpoint))
        let tags = [
            try await service(attributes: Self.row(1)), try await service(attributes: Self.row(1)),
            try await service(attributes: Self.row(2)),
        ].map { $0.field("ETag") }
        #expect(tags[0] != nil)
        #expect(tags[0] == tags[1])
        #expect(tags[0] != tags[2])
    }

    @Test func `Without rows an API has no tags`() async throws {
        // Those of drf-extensions never change.
        let standard = Service(.standard, placing: .apiTags(.object))
        #expect(try await standard().field("ETag") == nil)
        await #expect(throws: (any Error).self) { try await standard(.put, fields: [.ifMatch: "\"any\""]) }
        #expect(standard.runs.count == 1)
        let service = Service(.drf, placing: .apiTags(.object))
        #expect(try await service().field("ETag") == service(.get, "/other").field("ETag"))
    }

    @Test func `API updates must be conditional and return the new tag`() async throws {
        let service = Service(.standard, placing: .apiTags(.object))
        #expect(try await service(.put, attributes: Self.row(1)).status == .init(code: 428))
        let tag = try #require(try await service(attributes: Self.row(1)).field("ETag"))
        let updated = try await service(.put, fields: [.ifMatch: tag], attributes: Self.row(1))
        #expect(updated.status == .ok)
        #expect(updated.field("ETag") != nil)
        #expect(try await service(.put, fields: [.ifMatch: tag], attributes: Self.row(2)).status == .preconditionFailed)
    }

    @Test func `A route's settings override the loaded settings`() async throws {
        var settings = Settings.standard
        settings.cache.lifetime = .doNotStore
        let store = RecordingStore()
        let placement = Placement { settings, store, runtime, _ in
            settings.pipeline {
                settings.cacheMiddleware(for: .object, key: .default, in: store, runtime: runtime) {
                    $0.lifetime = .forever
                    $0.cachesErrors = true
                    $0.sharing = .public
                }
            }
        }
        let service = Service(settings, store: store, placing: placement) { run, _ in
            .testing("run \(run)", status: .notFound)
        }
        #expect(try await service.texts("/a?b", "/a?c", fields: [.authorization: "token"]) == "run 1, run 1")
        #expect(store.entries.count == 1)
    }

    @Test func `A route's key is the tag without a configured one`() async throws {
        let key: KeyConstructor = ["path": .path]
        let placement = Placement { settings, _, _, time in
            settings.pipeline { settings.entityTagMiddleware(key: key, timeSource: time) }
        }
        let service = Service(.standard, placing: placement)
        let tag = try #require(try await service().field("ETag"))
        #expect(try await service().field("ETag") == tag)
    }

    @Test func `An explicitly memoized key is unchanged`() async throws {
        let count = HandlerCounter()
        let key = (["count": .computed { _ in .integer(count.increment() * 0) }] as KeyConstructor).memoizedForRequest(
            false)
        var settings = Settings.standard
        settings.memoizesKeys = true
        let placement = Placement { settings, store, runtime, time in
            settings.pipeline {
                settings.entityTagMiddleware(key: key, timeSource: time)
                settings.cacheMiddleware(key: key, in: store, runtime: runtime)
            }
        }
        let service = Service(settings, placing: placement)
        _ = try await service()
        #expect(count.count == 2)
    }
}
