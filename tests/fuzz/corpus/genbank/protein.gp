LOCUS       P 5 aa            linear   BCT
FEATURES
     Bond            bond(2,4)
     Protein         1..5
ORIGIN
        1 mkuxv
//
