import HTTPTypes
import Synchronization

/// Records, while a request takes the ordinary path, whether the adapter may send its response again for identical bytes.
///
/// An adapter that reuses responses binds one recorder to the task of each connection, and starts it for single requests. The
/// layers of the pipeline that a request passes report to it: a cache its hit, a version stamp the value that was read, and any
/// layer a reason against it. A response is reused only if exactly one hit and no reason was reported.
package final class HitRecorder: Sendable {
    /// The recorder of the connection whose requests the task handles.
    @TaskLocal package static var bound: HitRecorder?

    /// Whether the process has an adapter that reuses responses. Reading a task-local value is more expensive.
    private static let isInUse = Atomic(false)

    private struct State {
        var target = ""
        var hit: (any ReusableHit)?
        var bodies: BodyVariants?
        var stamps: [any ReusableStamp] = []
        var refusal: ReuseRefusal?
    }

    /// A response that may be sent again.
    package struct Recorded: Sendable {
        /// The hit, to be asked on each use.
        package let hit: any ReusableHit
        /// The stamps, to be compared on each use.
        package let stamps: [any ReusableStamp]
        /// The bodies of the entry. The body that was sent is one of these.
        package let bodies: BodyVariants?

        /// Creates a response of a hit, the stamps that were read, and the bodies of the entry.
        package init(hit: any ReusableHit, stamps: [any ReusableStamp], bodies: BodyVariants?) {
            self.hit = hit
            self.stamps = stamps
            self.bodies = bodies
        }
    }

    private let isRecording = Atomic(false)
    private let state = Mutex(State())

    /// Creates a recorder. From now on, layers look for one.
    package init() {
        if !Self.isInUse.load(ordering: .relaxed) { Self.isInUse.store(true, ordering: .relaxed) }
    }

    /// The recorder of the request that the task handles, or nil if the request is not recorded.
    @inline(__always)
    package static var current: HitRecorder? {
        isInUse.load(ordering: .relaxed) ? recording : nil
    }

    private static var recording: HitRecorder? {
        guard let bound, bound.isRecording.load(ordering: .acquiring) else { return nil }
        return bound
    }

    /// Starts with a request.
    ///
    /// - Parameter target: The target in the request line.
    package func start(_ target: String) {
        state.withLock {
            $0 = State()
            $0.target = target
        }
        isRecording.store(true, ordering: .releasing)
    }

    /// Ends the recording.
    ///
    /// - Returns: The response that may be sent again, or the reason why none may be.
    package func finish() -> Result<Recorded, Refused> {
        isRecording.store(false, ordering: .releasing)
        return state.withLock { state in
            defer { state = State() }
            if let refusal = state.refusal { return .failure(Refused(reason: refusal)) }
            guard let hit = state.hit else { return .failure(Refused(reason: .route)) }
            return .success(Recorded(hit: hit, stamps: state.stamps, bodies: state.bodies))
        }
    }

    /// The reason why a response is not sent again.
    package struct Refused: Error {
        package let reason: ReuseRefusal
    }

    /// Records the hit that the response consists of.
    ///
    /// - Parameters:
    ///   - hit: The hit.
    ///   - exchange: The request. A recorder ignores the hits of requests for other targets.
    ///   - bodies: The bodies of the entry; nil if the response has none.
    package func record(_ hit: any ReusableHit, for exchange: Exchange, bodies: BodyVariants?) {
        state.withLock { state in
            // Two hits mean that a handler composed the response.
            let path = (exchange.request.path ?? "").utf8
            guard state.hit == nil, state.target.utf8.suffix(path.count).elementsEqual(path) else {
                state.refusal = state.refusal ?? .response
                return
            }
            (state.hit, state.bodies) = (hit, bodies)
        }
    }

    /// Records a stamp on which the response depends.
    package func record(_ stamp: any ReusableStamp) {
        state.withLock { state in
            // Several keys may contain a stamp.
            if !state.stamps.contains(where: { $0 === stamp }) { state.stamps.append(stamp) }
        }
    }

    /// Records a reason why the response must not be sent again. The first one counts.
    package func refuse(_ reason: ReuseRefusal) {
        state.withLock { $0.refusal = $0.refusal ?? reason }
    }
}
