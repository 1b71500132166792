import HTTPPipeline
import Logging
import Synchronization

/// A reporter that logs a tag template whose parameter a route lacks, once for each template.
final class OmittedTagReporter: Sendable {
    private let name: String
    private let logger: Logger
    /// The reported templates; an application has a fixed number of them.
    private let reported = Mutex<Set<String>>([])

    /// Creates a reporter.
    ///
    /// - Parameters:
    ///   - name: The name of the cache.
    ///   - logger: Receives the warnings.
    init(name: String, logger: Logger) {
        self.name = name
        self.logger = logger
    }

    /// Reports a template unless it was reported before.
    func report(_ template: String, _ exchange: Exchange) {
        guard reported.withLock({ $0.insert(template).inserted }) else { return }
        let route = exchange.route.template ?? exchange.route.view
        logger.warning(
            "cache tag skipped: unknown path parameter",
            metadata: ["cache": "\(name)", "tag": "\(template)", "route": "\(route)"])
    }
}
