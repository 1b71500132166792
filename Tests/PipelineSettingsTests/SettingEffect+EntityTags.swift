import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineSettings
import PipelineTesting

extension SettingEffect {
    /// The effects of settings on tags and conditions.
    static let entityTags: [SettingEffect] = [
        .init(
            "entityTags.evaluation", "early", alongside: ["entityTags.key": "default"], from: "304 after 1 runs",
            to: "304 after 0 runs"
        ) { settings in
            let tag = try await Service(settings, placing: .tags(.view))().field("ETag") ?? ""
            // Another process does not know the fields of the response.
            let service = Service(settings, placing: .tags(.view))
            let status = try await service(.get, "/", fields: [.ifNoneMatch: tag]).status.code
            return "\(status) after \(service.runs.count) runs"
        },
        .init(
            "entityTags.tagsErrors", "true",
            alongside: ["entityTags.key": "default", "entityTags.evaluation": "early"], from: "untagged", to: "tagged"
        ) { settings in
            let service = Service(settings, placing: .tags(.view)) { _, _ in .testing("", status: .notFound) }
            return try await service().field("ETag") == nil ? "untagged" : "tagged"
        },
        .init(
            "entityTags.tagsEveryMethod", "true", alongside: ["entityTags.key": "default"], from: "untagged",
            to: "tagged"
        ) { settings in
            let service = Service(settings, placing: .tags(.view))
            return try await service(.post).field("ETag") == nil ? "untagged" : "tagged"
        },
        .init(
            "entityTags.separatesMethods", "true", alongside: ["entityTags.key": "default"], from: "200", to: "412"
        ) { settings in
            let service = Service(settings, placing: .tags(.view))
            let tag = try await service().field("ETag") ?? ""
            return "\(try await service(.put, "/", fields: [.ifMatch: tag]).status.code)"
        },
        .init("entityTags.asterisk", "anywhere", from: "200", to: "304") { settings in
            let service = Service(settings, placing: .tags(.view))
            return "\(try await service(.get, "/", fields: [.ifNoneMatch: #""321", *"#]).status.code)"
        },
        .init("entityTags.key", "default", from: "tags follow the body", to: "tags follow the key") { settings in
            try await whatTagsFollow(settings, .tags(.view))
        },
        .init("keys.objectEntityTag", "default", from: "tags follow the body", to: "tags follow the key") { settings in
            try await whatTagsFollow(settings, .tags(.object))
        },
        .init("keys.listEntityTag", "default", from: "tags follow the body", to: "tags follow the key") { settings in
            try await whatTagsFollow(settings, .tags(.list))
        },
        .init("keys.apiObjectEntityTag", "defaultObject", from: "no tags", to: "tags follow the key") { settings in
            try await whatTagsFollow(settings, .apiTags(.object))
        },
        .init("keys.apiListEntityTag", "defaultList", from: "no tags", to: "tags follow the key") { settings in
            try await whatTagsFollow(settings, .apiTags(.list))
        },
    ]

    /// The effects of settings on keys.
    static let keys: [SettingEffect] = [
        .init("buildID", "2", from: "hit", to: "miss") { settings in
            // Entries of another build without an ID.
            let store = RecordingStore()
            _ = try await Service(.standard, store: store)()
            let service = Service(settings, store: store)
            _ = try await service()
            return service.runs.count == 0 ? "hit" : "miss"
        },
        .init("keys.objectCache", "defaultObject", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings, placing: .cache(.object)).texts("/a?b", "/a?c")
        },
        .init("keys.listCache", "defaultList", from: "run 1, run 2", to: "run 1, run 1") { settings in
            try await Service(settings, placing: .cache(.list)).texts("/a?b", "/a?c")
        },
        .init("memoizesKeys", "false", from: "computed once", to: "computed 3 times") { settings in
            let count = HandlerCounter()
            let key: KeyConstructor = ["count": .computed { _ in .integer(count.increment() * 0) }]
            let placement = Placement { settings, store, runtime, time in
                settings.pipeline {
                    settings.entityTagMiddleware(key: key, timeSource: time)
                    settings.cacheMiddleware(key: key, in: store, runtime: runtime)
                    KeyMiddleware(key: key)
                }
            }
            let service = Service(settings, placing: placement)
            _ = try await service()
            return count.count == 1 ? "computed once" : "computed \(count.count) times"
        },
    ]

    /// Whether the tags of two different bodies are equal.
    private static func whatTagsFollow(
        _ settings: Settings,
        _ placing: Placement
    ) async throws -> String {
        let service = Service(settings, placing: placing)
        let tags = [try await service().field("ETag"), try await service().field("ETag")].compactMap(\.self)
        return tags.isEmpty ? "no tags" : tags[0] == tags[1] ? "tags follow the key" : "tags follow the body"
    }
}

/// Computes the key of a request, like middleware of an application.
private struct KeyMiddleware: Middleware {
    let key: KeyConstructor

    func handle(_ exchange: Exchange, next: Next) async throws -> Reply {
        _ = try await key.key(for: exchange)
        return try await next(exchange)
    }
}
