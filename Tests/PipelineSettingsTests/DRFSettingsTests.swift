import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineSettings
import PipelineTesting
import Testing

/// The defaults of drf-extensions, observed in responses.
@Suite struct DRFSettingsTests {
    @Test func `Every request gets the stored response`() async throws {
        // Whatever path and query it has.
        let service = Service(.drf)
        let first = try await service(.get, "/cities/1", fields: [.authorization: "Bearer a"])
        let second = try await service(.get, "/cities/2?page=2", fields: [.cookie: "session=b"])
        #expect(try await first.text() == second.text())
        #expect(second.field("Cache-Status") == nil)
    }

    @Test func `Returned errors are stored, thrown errors are not`() async throws {
        let returned = Service(.drf) { run, _ in .testing("run \(run)", status: .internalServerError) }
        #expect(try await returned.texts("/", "/") == "run 1, run 1")
        let thrown = Service(.drf) { run, _ in
            var reply = Reply.testing("run \(run)", status: .internalServerError)
            reply.thrownError = FailingStore.Failure()
            return reply
        }
        #expect(try await thrown.texts("/", "/") == "run 1, run 2")
    }

    @Test func `Responses are cached forever and not purged by writes`() async throws {
        let service = Service(.drf)
        _ = try await service()
        _ = try await service(.delete)
        service.time.advance(by: .seconds(365 * 86_400))
        #expect(try await service().text() == "run 1")
    }

    @Test(arguments: [(Settings.Endpoint.view, "view"), (.object, "object"), (.list, "list")])
    func `The keys are those of drf-extensions' constructors`(endpoint: Settings.Endpoint, name: String) async throws {
        let key: KeyConstructor =
            switch endpoint {
            case .view: .default
            case .object: .defaultObject
            case .list: .defaultList
            }
        let store = RecordingStore()
        _ = try await Service(.drf, store: store, placing: .cache(endpoint))()
        #expect(try await store.entries.keys.first == key.key(for: .testing()))
        let tags = Service(.drf, placing: .tags(endpoint))
        #expect(try await tags().field("ETag") == #""\#(key.key(for: .testing()))""#)
    }

    @Test(arguments: [(Settings.APIEndpoint.object, KeyConstructor.defaultModelInstance), (.list, .defaultModelList)])
    func `An API's tags depend only on the rows`(endpoint: Settings.APIEndpoint, key: KeyConstructor) async throws {
        var exchange = Exchange.testing()
        exchange.attributes = SettingsMiddlewareTests.row(1)
        let tags = Service(.drf, placing: .apiTags(endpoint))
        let tag = try await tags(attributes: exchange.attributes).field("ETag")
        #expect(try await tag == #""\#(key.key(for: exchange))""#)
    }

    @Test func `A tag that contains the method never matches an update`() async throws {
        let service = Service(.drf, placing: .tags(.object))
        let tag = try #require(try await service().field("ETag"))
        #expect(try await service(.get, fields: [.ifNoneMatch: tag]).status == .notModified)
        #expect(try await service(.put, fields: [.ifMatch: tag]).status == .preconditionFailed)
    }

    @Test func `Errors and responses to POST are tagged`() async throws {
        let service = Service(.drf, placing: .tags(.view)) { _, _ in .testing("", status: .badRequest) }
        #expect(try await service().field("ETag") != nil)
        #expect(try await service(.post).field("ETag") != nil)
    }
}
