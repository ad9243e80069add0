internal import Exchange

/// Why a file's rows cannot be sent as a batch, in words.
package enum ChunkTexts {
    package static func text(_ fault: ChunkFault) -> Text {
        switch fault {
        case .rowTooLong(let row):
            Text(
                "第\(row)行太长，放不进一块(\(BatchLimits.chunkBytes)字节)，请精简",
                "row \(row) does not fit into a chunk of \(BatchLimits.chunkBytes) bytes: shorten it")
        case .tooManyRows:
            Text(
                "超过\(BatchLimits.batchRows)行，请分成几个文件",
                "more than \(BatchLimits.batchRows) rows: split the file")
        case .tooManyChunks:
            Text("超过\(BatchLimits.chunks)块，请分成几个文件", "more than \(BatchLimits.chunks) chunks: split the file")
        case .changed:
            Text("报送期间文件有变化，请重新报送", "the file was changed while it was sent: send it again")
        }
    }
}
