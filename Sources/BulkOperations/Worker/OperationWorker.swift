import ConcurrencySupport
public import Logging
public import Metrics
import Repositories
public import Resources
public import ServiceLifecycle
import Tracing

/// A service that carries out operations: in the process of the server, or in processes of its own on the same database.
///
/// Each chunk is one transaction with its outcome. After it the cached responses of the resource are invalidated, and then the chunk is
/// acknowledged; if the process ends in between, the next worker does both. A graceful shutdown waits for the chunk that is being carried
/// out.
public struct OperationWorker: Service {
    /// The settings of a worker.
    public struct Settings: Sendable {
        /// The name of the worker in the queue and in logs.
        public var name = "worker-\(UInt32.random(in: 0 ... .max))"
        /// The number of chunks that are carried out at the same time. On SQLite, one transaction writes at a time.
        public var concurrency = 1
        /// The time after which the worker looks for chunks of operations that other processes have accepted.
        public var pollInterval = Duration.milliseconds(250)
        /// The time between two removals of expired operations, and two records of the queue's depth.
        public var cleaningInterval = Duration.seconds(60)
        /// Where the worker records metrics, or nil for nowhere: django-drf-extensions' `DRF_EXT_ENABLE_METRICS`.
        public var metrics: (any MetricsFactory)? = MetricsSystem.factory

        /// Creates the recommended settings.
        public init() {}
    }

    private let operations: Operations
    private let resources: [String: Resource]
    private let settings: Settings
    private let logger: Logger
    private let metrics: OperationMetrics?

    /// Creates a worker.
    ///
    /// - Parameters:
    ///   - operations: The operations.
    ///   - resources: The resources whose operations the worker carries out, with those below them.
    ///   - logger: The logger.
    ///   - configure: Changes the settings.
    public init(
        of operations: Operations, for resources: Resource..., logger: Logger = Logger(label: "BulkOperations"),
        configure: (inout Settings) -> Void = { _ in }
    ) {
        var settings = Settings()
        configure(&settings)
        self.operations = operations
        self.settings = settings
        self.logger = logger
        metrics = settings.metrics.map { OperationMetrics($0) }
        var known: [String: Resource] = [:]
        var left = resources
        while let resource = left.popLast() {
            known[resource.name] = known[resource.name] ?? resource
            left += resource.settings.children.map(\.resource)
        }
        for resource in known.values where !operations.queue.accepts(resource.repository) {
            preconditionFailure("the queue of operations is not in the database of resource '\(resource.name)'")
        }
        self.resources = known
    }

    /// Carries out chunks until the task is cancelled or the service shuts down gracefully.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for _ in 0..<max(settings.concurrency, 1) { group.addTask { await self.work() } }
                group.addTask { await self.clean() }
            }
        } onGracefulShutdown: {
            operations.queue.changes.notify()
        }
    }

    private func work() async {
        var hasFailed = false
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let revision = operations.queue.changes.revision
            do {
                let isBusy = try await carryOutNext()
                if hasFailed { logger.info("bulk queue recovered") }
                hasFailed = false
                if isBusy { continue }
            } catch is CancellationError {
                break
            } catch {
                // Every poll fails during an outage, several times a second.
                logger.log(level: hasFailed ? .debug : .error, "bulk queue failed", metadata: ["error": "\(error)"])
                hasFailed = true
            }
            await operations.queue.changes.wait(after: revision, upTo: settings.pollInterval)
        }
    }

    private func clean() async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                metrics?.recordDepth(try await operations.queue.depth())
                let count = try await operations.queue.removeExpired()
                if count > 0 { logger.debug("expired operations removed", metadata: ["count": "\(count)"]) }
            } catch {
                logger.error("bulk queue failed", metadata: ["error": "\(error)"])
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: settings.cleaningInterval) }
        }
    }

    // MARK: Chunks

    /// Carries out the next chunk.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: The errors of the queue.
    @discardableResult
    package func carryOutNext() async throws -> Bool {
        guard let lease = try await operations.queue.lease(by: settings.name, of: Set(resources.keys)),
            let resource = resources[lease.operation.request.resource]
        else { return false }
        var logger = logger
        logger[metadataKey: "operation"] = "\(lease.operation.id)"
        await withSpan("bulk-chunk", ofKind: .consumer) { span in
            span.attributes["bulk.operation"] = "\(lease.operation.id)"
            span.attributes["bulk.items"] = lease.itemCount
            await carryOut(lease, resource, logger)
        }
        return true
    }

    private func carryOut(_ lease: ChunkLease, _ resource: Resource, _ logger: Logger) async {
        let queue = operations.queue
        let start = ContinuousClock.now
        do {
            var isRecorded = lease.isRecorded
            if !isRecorded {
                isRecorded = try await extending(lease) { try await record(lease, resource) }
            }
            guard isRecorded else {
                logger.notice("lease of chunk lost", metadata: ["part": "\(lease.part)"])
                return try await queue.retry(lease, after: CancellationError())
            }
            // After the commit and before the acknowledgement: a client that sees the end reads no older response.
            if lease.operation.request.writes { await resource.invalidate() }
            try await queue.acknowledge(lease)
            await end(lease, resource, logger)
            metrics?.recordChunk(itemCount: lease.itemCount, time: start.duration(to: .now))
            logger.debug("chunk carried out", metadata: ["part": "\(lease.part)", "items": "\(lease.itemCount)"])
        } catch is CancellationError where Task.isCancelled {
            // The chunk is not at fault. It is leased again when this lease has expired.
            logger.notice("chunk interrupted", metadata: ["part": "\(lease.part)"])
        } catch {
            logger.error(
                "chunk failed",
                metadata: ["part": "\(lease.part)", "attempt": "\(lease.attempt)", "error": "\(error)"])
            metrics?.recordRetry()
            do { try await queue.retry(lease, after: error) } catch {
                logger.error("bulk queue failed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Ends an operation whose last part was acknowledged.
    private func end(_ lease: ChunkLease, _ resource: Resource, _ logger: Logger) async {
        do {
            guard let operation = try await operations.queue.operation(lease.operation.id), operation.state.isFinal
            else {
                return
            }
            metrics?.recordEnd(of: operation)
            logger.info(
                "operation ended",
                metadata: [
                    "state": "\(operation.state.rawValue)", "succeeded": "\(operation.counts.succeeded)",
                    "failed": "\(operation.counts.failed)",
                ])
            if let least = operations.settings.optimizedRowCount, operation.request.writes,
                operation.counts.succeeded >= least
            {
                try await operations.queue.optimize(resource.repository)
            }
        } catch {
            logger.warning("bulk queue failed", metadata: ["error": "\(error)"])
        }
    }

    /// Carries out the items and records their outcome.
    private func record(_ lease: ChunkLease, _ resource: Resource) async throws -> Bool {
        let request = lease.operation.request
        let repository = resource.repository
        // A read of all rows that fails repeatedly has no item whose failure could be recorded.
        if request.kind == .get, !lease.isHopeless || lease.items.isEmpty {
            // Without the resource's wrapper, which logs: the queue tells outages from other failures by the error of the database.
            let base = (repository as? any RepositoryWrapper)?.wrapped ?? repository
            let reader = RowReading(request, base, operations.settings)
            return try await reader.carryOut(lease, in: operations.queue)
        }
        let fields = repository.fields
        let batchCount = max(operations.settings.batchItemCount ?? operations.queue.batchItemCount, 1)
        return try await operations.queue.carryOut(lease, on: repository) { part in
            if lease.isHopeless { return ChunkWork(hopeless: part, of: request) }
            return try ChunkWork(part, of: request, in: fields, batchCount: batchCount)
        }
    }

    /// Extends a lease while a closure runs.
    private func extending<Value: Sendable>(
        _ lease: ChunkLease, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: operations.queue.settings.leaseDuration / 3)
                    guard !Task.isCancelled else { break }
                    // The next one may succeed, and what a worker without a lease does changes nothing.
                    guard (try? await operations.queue.extend(lease)) != false else { break }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}

extension OperationRequest {
    /// Whether the operation changes rows.
    var writes: Bool { kind != .get && !isDryRun }
}
