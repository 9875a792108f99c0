/**
 * The inverse of a symmetric positive definite matrix of `size` rows, one behind the other: Cholesky's factor, its inverse, and the product of that with itself. All three
 * go along rows, so the inner loops read memory in order. O(size³ / 2) multiplications; entries are good to about 1e-16 times the condition number.
 * @throws RangeError for a matrix that is not positive definite
 */
export function invertSymmetric(matrix: Float64Array, size: number): Float64Array {
  const factor = choleskyFactor(matrix, size);
  const columns = invertedColumns(factor, size);
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < size; k++) sum += (columns[i * size + k] as number) * (columns[j * size + k] as number);
      inverse[i * size + j] = sum;
      inverse[j * size + i] = sum;
    }
  }
  return inverse;
}

/** L of L Lᵀ, in its lower half. */
function choleskyFactor(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j] as number;
      for (let k = 0; k < j; k++) rest -= (factor[i * size + k] as number) * (factor[j * size + k] as number);
      if (i === j && !(rest > 0)) throw new RangeError('the matrix is not positive definite');
      factor[i * size + j] = i === j ? Math.sqrt(rest) : rest / (factor[j * size + j] as number);
    }
  }
  return factor;
}

/** The columns of the inverse of L, as rows. */
function invertedColumns(factor: Float64Array, size: number): Float64Array {
  const columns = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    columns[j * size + j] = 1 / (factor[j * size + j] as number);
    for (let i = j + 1; i < size; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += (factor[i * size + k] as number) * (columns[j * size + k] as number);
      columns[j * size + i] = -sum / (factor[i * size + i] as number);
    }
  }
  return columns;
}
