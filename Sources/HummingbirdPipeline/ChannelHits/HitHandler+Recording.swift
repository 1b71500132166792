#if Hummingbird
import HTTPPipeline
import NIOCore

/// Recording of responses on the ordinary path.
extension HitHandler {
    /// A request that the framework handles, and its response.
    struct Recording {
        let request: ByteBuffer
        let hash: UInt64
        var written: [ByteBuffer] = []
        var byteCount = 0
    }

    /// Decides whether the response to a request that the framework handles is recorded.
    func begin(_ head: HeadBytes, of buffer: ByteBuffer) {
        if let refusal = head.refusal { return table.refused(refusal) }
        guard outstanding == 0 else { return table.refused(.pipelined) }
        guard head.length <= table.settings.headLimit else { return table.refused(.size) }
        // The head was looked up just before, because no response is outstanding.
        guard table.isWorthRecording(lastHash) else { return table.refused(.unknown) }
        // A copy, because a slice would keep the memory of the whole read.
        let request = ByteBuffer(bytes: buffer.readableBytesView.prefix(head.length))
        recording = Recording(request: request, hash: lastHash)
        recorder.start(request.getString(at: head.target.lowerBound, length: head.target.count) ?? "")
    }

    /// Adds a part of the response.
    func record(_ data: IOData) {
        guard case .byteBuffer(let buffer) = data, let recording,
            recording.byteCount + buffer.readableBytes <= table.settings.byteLimit / 8
        else {
            endRecording(.size)
            return
        }
        guard buffer.readableBytes > 0 else { return }
        // A head and at most one buffer: streams are not kept.
        guard recording.written.isEmpty ? ResponseHead(buffer) != nil : recording.written.count == 1 else {
            return endRecording(.response)
        }
        self.recording?.written.append(buffer)
        self.recording?.byteCount += buffer.readableBytes
    }

    private func endRecording(_ reason: ReuseRefusal) {
        guard let recording else { return }
        self.recording = nil
        if case .failure(let refused) = recorder.finish() {
            table.refusedRecording(recording.hash, because: refused.reason)
        } else {
            table.refusedRecording(recording.hash, because: reason)
        }
    }

    /// Records that the framework has written the last byte of a response.
    package func responseEnded() {
        outstanding -= 1
        guard let recording else { return }
        self.recording = nil
        switch recorder.finish() {
        case .failure(let refused): table.refusedRecording(recording.hash, because: refused.reason)
        case .success(let recorded):
            let response = ReusedResponse(
                to: (recording.request, recording.hash), written: recording.written, recorded: recorded,
                marksStatus: table.settings.marksStatus)
            if let response {
                table.insert(response)
            } else {
                table.refusedRecording(recording.hash, because: .response)
            }
        }
    }
}
#endif
