import CZlib
import NIOCore
import Synchronization

/// A compression state that is lent to the writer of one body.
///
/// A writer can be copied and sent, so nothing but this lock keeps its copies apart; and one that is used after its body has
/// ended must not reach the state, which is another body's then.
final class DeflaterLease: Sendable {
    private let deflater: Mutex<Deflater?>

    init(_ deflater: Deflater) {
        self.deflater = Mutex(deflater)
    }

    /// Compresses a piece of the body.
    ///
    /// - Throws: ``BodyHasEnded``.
    func compress(_ input: ByteBuffer, into output: inout ByteBuffer, flush: Int32) throws {
        try deflater.withLock { deflater in
            guard let deflater else { throw BodyHasEnded() }
            output.clear()
            deflater.compress(input, into: &output, flush: flush)
        }
    }

    /// Ends the lease.
    func end() {
        deflater.withLock { $0 = nil }
    }
}

/// A body was written to after it had ended.
struct BodyHasEnded: Error {}
