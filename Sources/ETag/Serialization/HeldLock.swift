import Synchronization

/// A flag for whether an acquired lock is still held.
final class HeldLock: Sendable {
    private let isReleased = Atomic(false)

    var isHeld: Bool { !isReleased.load(ordering: .acquiring) }

    func release() {
        isReleased.store(true, ordering: .releasing)
    }
}
