import CZlib
import NIOCore
import Synchronization

/// A compression state that is lent to the writer of one body.
///
/// A writer can be copied and sent to other tasks, so only this lock separates its copies. A writer that is used after
/// its body has ended must not reach the state, which may belong to another body by then.
final class DeflaterLease: Sendable {
    private let deflater: Mutex<Deflater?>

    init(_ deflater: Deflater) {
        self.deflater = Mutex(deflater)
    }

    /// Compresses a piece of the body.
    ///
    /// - Throws: ``BodyHasEnded`` if the lease has ended.
    func compress(_ input: ByteBuffer, into output: inout ByteBuffer, flush: Int32) throws {
        try deflater.withLock { deflater in
            guard let deflater else { throw BodyHasEnded() }
            output.clear()
            deflater.compress(input, into: &output, flush: flush)
        }
    }

    /// Ends the lease, after which ``compress(_:into:flush:)`` throws.
    func end() {
        deflater.withLock { $0 = nil }
    }
}

/// The error for a write to a body that has ended.
struct BodyHasEnded: Error {}
