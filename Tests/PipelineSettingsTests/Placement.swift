import CacheMiddleware
import HTTPPipeline
import PipelineSettings
import PipelineTesting

/// The pipeline that a test creates from settings.
struct Placement {
    let pipeline: (Settings, any CacheStore, CacheRuntime, ManualTimeSource) -> Pipeline

    init(_ pipeline: @escaping (Settings, any CacheStore, CacheRuntime, ManualTimeSource) -> Pipeline) {
        self.pipeline = pipeline
    }

    /// A cache of an endpoint.
    static func cache(_ endpoint: Settings.Endpoint) -> Placement {
        Placement { settings, store, runtime, _ in
            settings.pipeline { settings.cacheMiddleware(for: endpoint, in: store, runtime: runtime) }
        }
    }

    /// Tags of an endpoint.
    static func tags(_ endpoint: Settings.Endpoint) -> Placement {
        Placement { settings, _, _, time in
            settings.pipeline { settings.entityTagMiddleware(for: endpoint, timeSource: time) }
        }
    }

    /// Tags of an endpoint of an API.
    static func apiTags(_ endpoint: Settings.APIEndpoint) -> Placement {
        Placement { settings, _, _, time in
            settings.pipeline { settings.apiEntityTagMiddleware(for: endpoint, timeSource: time) }
        }
    }
}
