/* Forced into the model's sources by a profiling build: each step reports to the test driver. */
#ifndef EDGEC_PROFILE_H
#define EDGEC_PROFILE_H

#ifndef __ASSEMBLER__
void edgec_profile_step(unsigned int index);
#endif
#define EDGEC_STEP(index) edgec_profile_step(index)

#endif
